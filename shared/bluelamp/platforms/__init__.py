"""What the social platforms say and can be told, behind one contract.

Everything a platform knows by another name, another clock or another error code is translated here, so that the
rest of Bluelamp meets posts, tombstones and a small family of errors. ``contract`` is the part others import.
"""
