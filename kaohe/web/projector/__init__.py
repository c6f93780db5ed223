"""The projector's pages: the screen that the hall sees."""
