"""No model repeats its input in an error: whoever logs one, or the runtime itself, would log a post or a person."""

import importlib
import inspect

import pytest
from pydantic import BaseModel, ValidationError

from bluelamp.people.model import Person

MODULES = ("bluelamp.people.model", "bluelamp.accounts.model", "bluelamp.moderation.service")
MODELS = [
    model
    for name in MODULES
    for _, model in inspect.getmembers(importlib.import_module(name), inspect.isclass)
    if issubclass(model, BaseModel) and model.__module__ == name
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_errors_hide_the_input(model):
    assert model.model_config.get("hide_input_in_errors")


def test_an_error_names_the_field_alone():
    with pytest.raises(ValidationError) as caught:
        Person.model_validate({"id": "s", "name": ["John Smith"], "email": "j@example.com", "role": "king"})
    assert "name" in str(caught.value)
    assert "Smith" not in str(caught.value)
    assert "king" not in str(caught.value)
