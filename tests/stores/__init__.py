"""One suite that every store passes, and what is particular to each."""
