"""The command ``kaohe tally``: votes in files become a sheet, without a server.

Whatever cannot be used of a file raises ``TallyFileError``, which names the row and says what to mend.
"""
