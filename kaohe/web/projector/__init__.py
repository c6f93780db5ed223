"""Pages for projector."""
