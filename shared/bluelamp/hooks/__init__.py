"""Webhooks out: the force's own systems are told of what happened, signed, each until they have taken it."""
