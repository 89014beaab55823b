"""How long what was kept is kept: classes with review dates, legal holds, and disposal by two people."""
