"""What all pages of the console share: blueprint, frame, forms, replies, words."""
