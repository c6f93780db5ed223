"""Accounts, sign-in, and the second person for weighty acts."""
