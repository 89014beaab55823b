"""Figures on the force's work: counted once a day from the posts, defined where they are shown, never by a scan."""
