"""What a venue grows into: a cluster, years of rows, many venues of one head office."""
