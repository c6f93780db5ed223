"""The installation itself: startup checks, health, backups, secrets."""
