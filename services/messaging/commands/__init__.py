"""What people do in the messaging service, a file a topic."""
