"""The base of every model: nothing is built before it is used, so that a cold start does not pay for all of them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A model whose validator is built at its first use; the office imports some 300, and one request needs a few."""

    model_config = ConfigDict(defer_build=True)
