"""Advice, end to end: postings come in, are read and counted; a candidate hears what he lacks."""

from datetime import timedelta
from pathlib import Path

import httpx
import orjson

from deploy.tests.identity import sign_up
from deploy.tests.systems import System
from libs.common import clock

POSTINGS = 12
ROLE = "Backend Developer"
JAVA = 1  # its id for ever


def write_postings(file: Path) -> None:
    """Write postings of yesterday, each of which asks for Java and PostgreSQL, to a JSONL file."""
    yesterday = clock.local_date(clock.now() - timedelta(days=1)).isoformat()
    lines = (
        {
            "title": ROLE,
            "company": f"Company {number}",
            "location": "Hà Nội",
            "description": f"Team {number} builds services in Java over PostgreSQL.",
            "url": f"https://board.example/{number}",
            "date_posted": yesterday,
        }
        for number in range(POSTINGS)
    )
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))


async def advised(system: System, number: int) -> None:
    """Be told, through the gateway, what a role asks for and how to learn it."""
    async with httpx.AsyncClient(base_url=system.url, timeout=40) as client:
        candidate = await sign_up(client, number, "Candidate", system.mails)
        await candidate.call("PUT", "/auth/me", json={"target_roles": [ROLE]})
        await candidate.call("PUT", "/candidates/me/skills", json={"skillIds": [JAVA]})
        market = await candidate.until(
            lambda data: data["total_jobs_analyzed"] == POSTINGS, "GET", "/market/trending"
        )
        assert {one["skill"] for one in market["top_skills"]} >= {"Java", "PostgreSQL"}
        early = "ROLE_NOT_TARGETED"  # the profile may still be on its way to the service
        gap = await candidate.until(
            lambda data: data != early and data["skill_match_count"] == 1,
            "GET",
            "/skills/gap-analysis",
            params={"role": ROLE},
            accept=(early,),
        )
        assert gap["total_postings_analyzed"] == POSTINGS
        assert "PostgreSQL" in gap["missing_skills"]
        assert "Java" not in gap["missing_skills"]
        roadmap = await candidate.until(
            lambda data: data["gap_analysis"] == "included", "GET", "/learning/roadmap"
        )
        missing = {path["skill"] for path in roadmap["skill_paths"] if path["is_missing"]}
        assert "PostgreSQL" in missing
        assert "Java" not in missing
