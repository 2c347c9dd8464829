"""urwid widgets; they know the model and the renderer, never the network."""
