"""Real-time chat for people who share a network."""

__version__ = "1.0.0"
