"""How many CVs are kept of a candidate, and which of them makes room."""

import asyncio
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from libs.common.identity import Role
from libs.common.testing import Bench, BenchOf
from services.auth.commands import cvs
from services.auth.service import service
from services.auth.tests.people import code_of, new_account
from services.auth.tests.uploads import PDF, fetch, stored_files, upload

PATH = "/candidates/me/cv"


@dataclass
class ApplicationsService:
    """An ASGI app that says what applications refer to."""

    referred_to: list[str] = field(default_factory=list)
    status: int = 200
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer `/internal/cvs`."""
        bearer = dict(scope["headers"])[b"authorization"].decode()
        self.asked.append((scope["path"], bearer.partition(" ")[0]))
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": orjson.dumps(self.referred_to)})


@pytest.fixture
def applications() -> ApplicationsService:
    """The applications service that is asked."""
    return ApplicationsService()


@pytest.fixture
async def bench(
    bench_of: BenchOf, applications: ApplicationsService, monkeypatch: pytest.MonkeyPatch
) -> Bench:
    """An identity service that keeps three CVs of a candidate."""
    monkeypatch.setattr(cvs, "MAX_CVS", 3)
    return await bench_of(service, peers={"applications": applications})


async def uploaded(bench: Bench, who: Any, count: int) -> list[str]:
    """Upload CVs; return the links to them."""
    answers = [await upload(bench, "PUT", PATH, who, PDF) for _ in range(count)]
    assert [answer.status_code for answer in answers] == [200] * count
    return [answer.json()["data"]["cvUrl"] for answer in answers]


async def references(bench: Bench) -> list[str]:
    """Return references to the stored CVs, the oldest first."""
    rows = await bench.rows("SELECT key FROM cvs ORDER BY stored_at")
    return [f"store:{row['key']}" for row in rows]


async def test_the_oldest_that_nobody_refers_to_makes_room(
    bench: Bench, applications: ApplicationsService
) -> None:
    who = Role.CANDIDATE, await new_account(bench)
    links = await uploaded(bench, who, 3)
    assert applications.asked == []
    applications.referred_to = (await references(bench))[:1]
    links += await uploaded(bench, who, 1)
    assert applications.asked == [("/internal/cvs", "Bearer")]
    assert len(stored_files(bench)) == 4  # it goes only once the change is committed
    await bench.settle()
    statuses = [(await fetch(bench, link)).status_code for link in links]
    assert statuses == [200, 404, 200, 200]
    assert len(await references(bench)) == 3


async def test_what_is_referred_to_is_never_lost(
    bench: Bench, applications: ApplicationsService
) -> None:
    who = Role.CANDIDATE, await new_account(bench)
    links = await uploaded(bench, who, 3)
    applications.referred_to = (await references(bench))[:2]  # the third is his default
    full = await upload(bench, "PUT", PATH, who, PDF)
    assert (full.status_code, code_of(full)) == (409, "CV_LIMIT_REACHED")
    assert full.json()["error"]["details"] == {"limit": 3}
    for status in (404, 500):
        applications.status = status
        unknown = await upload(bench, "PUT", PATH, who, PDF)
        assert (unknown.status_code, code_of(unknown)) == (503, "SERVICE_UNAVAILABLE")
    await bench.settle()
    assert len(stored_files(bench)) == 3
    assert {(await fetch(bench, link)).status_code for link in links} == {200}


async def test_many_at_once_stay_within_the_limit(bench: Bench) -> None:
    who = Role.CANDIDATE, await new_account(bench)
    await uploaded(bench, who, 2)
    answers = await asyncio.gather(*(upload(bench, "PUT", PATH, who, PDF) for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    await bench.settle()
    assert len(stored_files(bench)) == len(await references(bench)) == 3
    [row] = await bench.rows("SELECT cv_url FROM candidates")
    assert row["cv_url"] in await references(bench)
