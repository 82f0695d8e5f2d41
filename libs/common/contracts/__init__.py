"""The published language: every event that one service says and another may hear."""

from libs.common.contracts import applications, auth, ingestion, jobs, messaging, privacy

__all__ = ["applications", "auth", "ingestion", "jobs", "messaging", "privacy"]
