"""VisitorsFlow: a folder of people crossings into MySQL, exactly once, and the day's totals to an API."""

import gc

__version__ = "1.0.0"

# What we import and what we read from files is many objects and hardly a cycle: seldom look for one.
gc.set_threshold(50_000)
