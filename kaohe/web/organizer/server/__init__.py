"""The state of the server, for whoever runs it."""
