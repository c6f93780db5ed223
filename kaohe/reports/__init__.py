"""What offices file: a result becomes sheets, and sheets become a workbook, a page or a text file."""
