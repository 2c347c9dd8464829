"""Real processes, sockets and terminals: run by pytest alone.

trial leaves this folder out: it collects `TestCase` classes, and what is here are functions.
"""
