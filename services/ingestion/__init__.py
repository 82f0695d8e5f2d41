"""Ingestion: job postings collected from elsewhere, and what they tell of the labour market.

Owns: postings, raw_postings, runs, market_facts, role_postings, rollups, market_state,
candidate_snapshots.
Publishes: ingestion.extraction_requested, ingestion.run_completed, market.refreshed,
personal_data.erased.
Consumes: ingestion.extraction_requested, candidate.updated, user.erased.
"""
