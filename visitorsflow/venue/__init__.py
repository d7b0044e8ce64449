"""What the PCs of a venue know of each other."""
