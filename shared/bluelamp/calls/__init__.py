"""Calling somebody to a post, at any hour: who is asked, who answers, and who is asked next when nobody does."""
