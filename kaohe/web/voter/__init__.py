"""The phone's pages: what a voter who fears to be traced sees. No cookie, no log, no account."""
