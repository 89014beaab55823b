"""AWS, typed and small: a table, buckets, queues, secrets and a signing key. Nothing here knows the domain.

Each adapter has a twin in `bluelamp.cloud.memory`; both pass the suite in ``tests/unit/cloud``.
"""
