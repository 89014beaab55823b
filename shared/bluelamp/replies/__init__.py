"""Saved replies: words that the force has agreed on, filled in for one post."""
