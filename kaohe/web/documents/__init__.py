"""What HR files and what voters check: the workbook, the text files, the printed pages."""
