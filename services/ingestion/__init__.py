"""Ingestion: job postings collected from elsewhere, the matter of the market's figures.

Owns: postings, runs.
Publishes: ingestion.run_completed, personal_data.erased.
Consumes: user.erased.
"""
