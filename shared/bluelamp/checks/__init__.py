"""The daily check: whoever answers for an account says each day that it was looked at, and a day without it is told."""
