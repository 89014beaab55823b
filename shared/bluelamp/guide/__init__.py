"""The Force Media Guide and the training that a force asks for before anybody acts."""
