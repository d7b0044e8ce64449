"""Real faults on real parts: after each the table holds what the files say, row for row."""
