"""What the platforms and the force really said: exact bytes under keys of their own, in a bucket under lock."""
