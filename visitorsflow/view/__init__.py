"""The view: for people at a terminal."""
