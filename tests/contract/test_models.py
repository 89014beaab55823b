"""A cold start pays for the models that it uses, not for all that the office has."""

from __future__ import annotations

import importlib
import pkgutil

from pydantic import BaseModel

import bluelamp


def models(base=BaseModel):
    """Return every model of the layer, subclasses of subclasses too."""
    found = {one for one in base.__subclasses__() if one.__module__.startswith("bluelamp")}
    return found.union(*(models(one) for one in base.__subclasses__()))


def test_no_model_is_built_before_it_is_used():
    """The office imports some 300 models; building them all was a quarter of its start."""
    for module in pkgutil.walk_packages(bluelamp.__path__, "bluelamp."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found = models()
    assert len(found) > 200
    assert {f"{one.__module__}.{one.__name__}" for one in found if not one.model_config.get("defer_build")} == set()
