"""What clients send to the applications service, and what they see of it."""
