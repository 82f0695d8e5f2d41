"""What people are told while they look on: open streams of server-sent events."""
