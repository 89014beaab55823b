"""The audit trail, searched over HTTP: who did what, newest first, out of the sealed log itself."""
