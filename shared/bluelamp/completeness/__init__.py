"""Proof of completeness: for each account and day a signed statement of what was read without a break, and what not."""
