"""What clients send and see, one file a subject."""
