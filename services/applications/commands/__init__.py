"""What candidates and employers do with applications, a file a topic."""
