"""Every call × every kind of caller: the table in `access.py`, tried through the gateway."""

import re
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.seed import DEMO_ACCOUNTS, DEMO_PASSWORD
from deploy.tests import journey
from deploy.tests.access import ACCESS, COMPANY, HISTORY, JOB, Line
from deploy.tests.identity import another_device, sign_up
from deploy.tests.journey import Person
from deploy.tests.systems import System

CALLERS = ("anonymous", "candidate", "other_candidate", "employer", "other_employer", "admin")
NUMBER = 5000  # of the people here, whom no other test knows

Cast = dict[str, Person]


@pytest.fixture(scope="module")
async def cast(demo: System) -> Any:
    """One of each kind, the owners with something of each kind to own, and what that is."""
    async with httpx.AsyncClient(base_url=demo.url, timeout=40) as client:
        people = {"anonymous": Person(client, NUMBER, "")}
        for offset, (role, kind) in enumerate(
            [("candidate", "Candidate"), ("other_candidate", "Candidate"),
             ("employer", "Employer"), ("other_employer", "Employer")]
        ):  # fmt: skip
            people[role] = await sign_up(client, NUMBER + offset, kind, demo.mails)
        admin = Person(client, NUMBER, DEMO_ACCOUNTS["Admin"])
        people["admin"] = await another_device(admin, DEMO_PASSWORD)
        yield people, await _possessions(people)


async def _possessions(people: Cast) -> dict[str, str]:
    candidate, employer = people["candidate"], people["employer"]
    for who in (people["other_employer"], employer):
        await journey.found_company(who)
        other_job = await journey.post_job(who)
    cv = {"cvUrl": "https://x.example/cv.pdf"}
    for who in (candidate, people["other_candidate"]):
        await who.call("PUT", "/candidates/me/cv", json=cv)
    job = (await employer.call("POST", "/jobs/post", json=JOB))["jobId"]
    history = await candidate.call("POST", "/candidates/me/job-history", json=HISTORY)
    device = await another_device(candidate)
    apply_id = await journey.apply(candidate, job)
    notes = await employer.until(len, "GET", "/notifications")
    sessions = await device.call("GET", "/auth/sessions")
    return {
        "candidate": candidate.user_id,
        "employer": employer.user_id,
        "company": (await employer.call("GET", "/users/me"))["company"]["id"],
        "job": job,
        "other_job": other_job,
        "history": history["historyId"],
        "session": next(one["id"] for one in sessions if one["current"]),
        "apply": apply_id,
        "notification": notes[0]["id"],
        "nothing": str(uuid4()),
    }


async def test_everybody_gets_what_the_table_says(cast: tuple[Cast, dict[str, str]]) -> None:
    people, owned = cast
    # who else has applied, or read, is not the point of a line: the owner comes last
    wrong = []
    for line in ACCESS:
        for role in sorted(CALLERS, key=lambda role: asdict(line)[role] < 300):
            got = await _try(people[role], line, owned)
            if got.status_code != asdict(line)[role]:
                wrong.append(f"{line.method} {line.path} {role}: {got.status_code} {got.text}")
    assert not wrong, "\n".join(wrong)


async def _try(who: Person, line: Line, owned: dict[str, str]) -> httpx.Response:
    path = f"{line.path}?{line.query}" if line.query else line.path
    body = line.body
    for name in {"receiverId", "relatedJobId", "withUserId"} & set(body or ()):
        body = body | {name: body[name].format(**owned)}
    if body is COMPANY:
        body = body | {"taxNumber": f"09{who.number:08}"}
    request = who.client.build_request(
        line.method, f"/api/v1{path.format(**owned)}", headers=who.headers, json=body
    )
    answer = await who.client.send(request, stream=True)
    if answer.headers["content-type"].startswith("text/event-stream"):
        await answer.aclose()  # it has no end
        return answer
    await answer.aread()
    if line.anonymous == 401 and who.headers == {} and "login" not in path:
        known = {"UNAUTHENTICATED", "INVALID_CREDENTIALS", "TOKEN_INVALID"}
        assert answer.json()["error"]["code"] in known
    return answer


def test_the_table_has_every_call(demo: System) -> None:
    """A new call is not done before it is said who may make it."""
    paths = httpx.get(f"{demo.url}/openapi.json").json()["paths"]
    calls = {
        (method.upper(), _shape(path.removeprefix("/api/v1")))
        for path, item in paths.items()
        for method in item
        if path.startswith("/api/v1")
    }
    listed = [(line.method, line.path) for line in ACCESS]
    assert len(listed) == len(set(listed))
    assert {call for call in calls if not _lines_of(call, listed)} == set()
    assert {line for line in listed if not any(_is_of(line, call) for call in calls)} == set()


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "[^/]+", path)


def _is_of(line: tuple[str, str], call: tuple[str, str]) -> bool:
    return line[0] == call[0] and re.fullmatch(call[1], line[1]) is not None


def _lines_of(call: tuple[str, str], listed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [line for line in listed if _is_of(line, call)]
