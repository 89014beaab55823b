"""Anchors outside the force: timestamp tokens and cosignatures of checkpoints, and a witness for others to run."""
