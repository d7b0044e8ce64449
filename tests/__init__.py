"""The tests, and the private servers and venues they run in."""
