"""Who else has a post open, and who is writing the answer to it: so that two people do not do the same work."""
