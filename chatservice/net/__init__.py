"""Twisted adapters: how bytes travel."""
