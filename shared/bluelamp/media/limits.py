"""How large a medium may be. By itself, because a connector that chooses among files needs this figure and no more."""

MAX_BYTES = 50 * 1024 * 1024
