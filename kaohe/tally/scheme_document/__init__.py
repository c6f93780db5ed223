"""A scheme as a document: read strictly, written back, described as JSON Schema."""
