"""JSON over HTTP for personnel systems: people, and the published results of meetings."""
