"""What people see in a browser: one folder per audience, and what they share."""
