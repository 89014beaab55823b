"""Stateful stand-ins for Facebook and X, which behave as badly as the real ones.

Why it exists: the connectors, the demonstration and the tests need platforms that remember what was done to them,
push signed webhooks and fail on request, without a developer account. It promises the wire behaviour described in
its README and nothing of the platforms beyond it. It imports nothing of Bluelamp, so that it checks rather than
echoes it.
"""
