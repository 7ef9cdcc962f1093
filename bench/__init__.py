"""Measurements of the work that matters, on synthetic estates. Nothing here passes or fails."""
