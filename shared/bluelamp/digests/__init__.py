"""The hand-over of the morning: what the night brought, account by account, and who is told that it is there."""
