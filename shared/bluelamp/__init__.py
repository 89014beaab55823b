"""Bluelamp: the social-media desk of a police force, serverless, with every action sealed."""
