"""A candidate to advise, and an ingestion service small enough to ask."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import httpx
import orjson

from libs.common.contracts.auth import CandidateUpdated
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.reference.lookup import skill_named
from libs.common.testing import Bench, signed_in

ME = UUID("018f0000-0000-7000-8000-000000000001")


def a_candidate(**changes: Any) -> CandidateUpdated:
    """Return the seed's candidate, but for `changes`."""
    facts: dict[str, Any] = {
        "candidate_id": ME,
        "name": "John Doe",
        "email": "user@careers.test",
        "cv_url": None,
        "skill_ids": [number_of("Python")],
        "skills": ["fastapi", "ReactJS"],
        "target_roles": ["Backend Developer", "Data Scientist"],
        "experience_level": "Mid",
        "version": 1,
    }
    return CandidateUpdated(**facts | changes)


def number_of(name: str) -> int:
    """Return the id of a skill that the taxonomy has."""
    skill = skill_named(name)
    assert skill is not None, name
    return skill.id


async def ask(
    bench: Bench, path: str, role: Role = Role.CANDIDATE, who: UUID | None = ME, **query: Any
) -> httpx.Response:
    """Call as a signed-in person: by default the candidate; anybody else has a new id."""
    headers = signed_in(role, who or new_id()) | {"Accept-Language": "en"}
    return await bench.client.get(f"/api/v1{path}", params=query, headers=headers)


async def data(bench: Bench, path: str, **query: Any) -> Any:
    """Return what the candidate is answered."""
    answer = await ask(bench, path, **query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["error"] is None
    return answer.json()["data"]


@dataclass
class IngestionService:
    """An ASGI app that says what postings of a role ask for."""

    demand: dict[str, float] | None = None
    """Skill -> percent; None: too few postings."""
    status: int | None = None
    unknown: int | None = None
    """Id of a skill that only ingestion knows, wanted besides."""
    asked: list[tuple[str, dict[str, list[str]], str]] = field(default_factory=list)
    """Path, query and `Authorization` of each call."""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer `/internal/demand`."""
        bearer = dict(scope["headers"])[b"authorization"].decode()
        query = parse_qs(scope["query_string"].decode(), strict_parsing=True)
        self.asked.append((scope["path"], query, bearer))
        status = self.status or (404 if self.demand is None else 200)
        wanted = [
            {"skill": name, "skill_id": number_of(name), "percentage": percentage}
            for name, percentage in (self.demand or {}).items()
        ]
        if self.unknown:
            wanted.append({"skill": "?", "skill_id": self.unknown, "percentage": 90.0})
        body = {"role": query["role"][0], "postings": 156, "window_days": 365, "skills": wanted}
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": orjson.dumps(body)})
