"""VisitorsFlow: a folder of people crossings into MySQL, exactly once, and the day's totals to an API."""

__version__ = "2.0.0"
