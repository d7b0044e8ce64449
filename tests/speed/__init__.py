"""The measures of tests/bench.py: each is run as a venue would run it, beside what it is compared with."""
