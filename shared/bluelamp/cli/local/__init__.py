"""The whole of Bluelamp on one machine: an embedded AWS, an evidence store with real locks, sandbox platforms.

`stack.Stack` puts the parts together; `bluelamp up` shows it to a person, the integration tests use it as it is.
Everything binds 127.0.0.1 only, and everything it keeps lies in one state folder (`.bluelamp`).
"""
