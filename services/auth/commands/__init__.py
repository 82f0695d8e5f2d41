"""What changes accounts, people and companies."""
