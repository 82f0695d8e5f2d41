"""N's skill extractor: `extract_skills(text)`, `get_skill_categories(skills)`; and `extract`."""

from services.ingestion.skills.extractor import (
    EXTRACTOR_VERSION,
    Found,
    extract,
    extract_skills,
    get_skill_categories,
)

__all__ = ["EXTRACTOR_VERSION", "Found", "extract", "extract_skills", "get_skill_categories"]
