"""Commands about units, accounts and the people who are evaluated."""
