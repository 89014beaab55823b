"""Moderation: what a post may mean for people's safety, said as reasons that an officer can check."""
