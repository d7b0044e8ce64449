"""VisitorsFlow: a folder of people crossings into MySQL, exactly once, and the day's totals to an API."""

import gc

__version__ = "1.0.0"

_USUAL = gc.get_threshold()
gc.set_threshold(50_000)  # the imports make many objects and hardly a cycle: seldom look for one


def imported() -> None:
    """A script's imports are done: what they made stays, and from now on cycles are looked for as usual."""
    gc.freeze()
    gc.set_threshold(*_USUAL)
