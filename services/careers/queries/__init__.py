"""What anyone may read of careers, a file a topic."""
