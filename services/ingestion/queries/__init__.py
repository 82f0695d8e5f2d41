"""What anyone may read of postings and of the market, a file a topic."""
