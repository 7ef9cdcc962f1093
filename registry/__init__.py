"""A registry of every movement of personal information in an organisation."""
