"""Posts: everything that the public writes to the force, and what the force answers, each with its case."""
