"""The manager's page: for people with a browser."""
