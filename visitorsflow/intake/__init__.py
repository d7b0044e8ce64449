"""A file's way into the database."""
