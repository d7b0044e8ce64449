"""A day's totals become tags, are POSTed, and get a verdict."""
