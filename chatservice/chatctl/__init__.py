"""`chatctl`: tells a running server what to do, at the private socket in its state directory."""
