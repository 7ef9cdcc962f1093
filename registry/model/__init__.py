"""The declared graph and the values that fill it."""
