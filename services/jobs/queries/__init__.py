"""What is read of jobs."""
