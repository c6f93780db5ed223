"""What must hold for a scheme before anything is tallied by it."""
