"""Is it there? Answers without touching anything, so that it says something about this function alone."""

from typing import Literal

from bluelamp.models import Model
from contract import Resource
from parts import parts

resource = Resource(__name__)


class Health(Model):
    """The function runs, and from which commit."""

    status: Literal["ok"]
    commit: str


@resource.route("/health", public=True)
def get_health() -> Health:
    """Say that the API is there."""
    return Health(status="ok", commit=parts().commit)
