"""The database: each venue has one, and each PC a connection or two to it."""
