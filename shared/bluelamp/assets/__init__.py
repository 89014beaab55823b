"""Pictures and films for publications: how they come in, what is looked at, and how publishers read them."""
