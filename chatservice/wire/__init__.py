"""Codecs: one protocol each, bytes to commands and events to bytes, pure."""
