"""What people read of the messaging service, a file a topic."""
