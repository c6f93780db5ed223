"""What is kept after a meeting, and what is destroyed: the filed documents, the bundle, the purge."""
