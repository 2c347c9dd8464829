"""The scorecard: each promise about load and faults as a row of figures with a bar."""
