"""What every JSON body of a request is: closed, so that a name that is misspelt is refused and not passed over."""

from pydantic import ConfigDict

from bluelamp.models import Model


class Body(Model):
    """Base of the bodies and query strings: nothing that is not known."""

    model_config = ConfigDict(extra="forbid")
