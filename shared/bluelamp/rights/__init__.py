"""Requests by people about what the force holds: access, freedom of information, rectification and erasure."""
