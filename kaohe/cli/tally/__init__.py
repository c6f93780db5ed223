"""The command ``kaohe tally``: votes in files become a sheet, without a server."""
