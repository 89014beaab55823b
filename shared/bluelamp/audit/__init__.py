"""The audit log: what happened, sealed so that nobody can alter or shorten it, and anyone can check it.

``leaf`` one record · ``outbox`` records waiting in the transaction that they belong to · ``sequencer`` the one writer ·
``layout``, ``tree``, ``note`` the formats · ``prove`` a record's place, served · ``archive`` the log pulled to a disk ·
``verify`` the check of it, offline. The formats stand to the byte in docs/evidence.md.
"""
