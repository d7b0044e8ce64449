"""What is said on the phone."""
