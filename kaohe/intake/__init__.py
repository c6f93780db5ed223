"""What offices bring: files become rows of text, and nothing that a file holds can harm the meeting."""
