"""The routes, one module a resource: each view names what it needs, calls one use case and returns a model."""
