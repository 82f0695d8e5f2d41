"""What clients send to the messaging service, and what they see of it, a file a topic."""
