"""The chair's page and the pages used while a meeting is held."""
