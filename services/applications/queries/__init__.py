"""What candidates and employers read of applications, a file a topic."""
