"""Telling people of the force what needs them, over the channels that each of them can be reached by."""
