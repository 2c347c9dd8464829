"""What the operator of a server sees of it and does with it: figures, logs, and `chatctl`."""
