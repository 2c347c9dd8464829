"""The urwid terminal client."""
