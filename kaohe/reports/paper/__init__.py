"""How a sheet lies on paper: which paper, which type, how wide each column, what stands on which page.

Workbook, Word document, printed page and PDF all follow this one layout.
"""
