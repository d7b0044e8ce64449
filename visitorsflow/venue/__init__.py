"""The PCs of a venue, and their knowledge of each other."""
