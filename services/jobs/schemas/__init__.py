"""What clients send and see."""
