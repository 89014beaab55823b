"""Is it there? Answers without touching anything, so that it says something about this function alone."""

from typing import Literal

from parts import parts
from pydantic import BaseModel

from contract import Resource

resource = Resource(__name__)


class Health(BaseModel):
    """The function runs, and from which commit."""

    status: Literal["ok"]
    commit: str


@resource.route("/health", public=True)
def get_health() -> Health:
    """Say that the API is there."""
    return Health(status="ok", commit=parts().commit)
