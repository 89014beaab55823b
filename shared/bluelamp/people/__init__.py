"""Who somebody is, how they signed in and what they may do: decided here and nowhere else."""
