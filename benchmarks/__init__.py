"""Measurements of the server; docs/performance.md says what each one shows."""
