"""The demo: people made in the auth service, and a small life for them through the public API."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic
from typing import Any

import orjson

from deploy.services import SERVICES
from libs.common import clock
from libs.common.asgi import AsgiApp, call
from libs.common.service import Runtime

DEMO_PASSWORD = "Waymark123!"  # noqa: S105 - printed on every start of the demo, on purpose
DEMO_ACCOUNTS = {
    "Candidate": "candidate@demo.waymark",
    "Employer": "employer@demo.waymark",
    "Admin": "admin@demo.waymark",
}
_WITHIN_SECONDS = 10.0

_JOBS: list[dict[str, Any]] = [
    {
        "title": "Senior Backend Developer",
        "location": "Ho Chi Minh",
        "salary": "2000-3000 USD",
        "level": "Senior",
        "skills": [1, 2],
    },
    {
        "title": "Lập trình viên ReactJS",
        "location": "Hà Nội",
        "salary": "15-20 triệu",
        "level": "Junior",
        "skills": [3],
    },
    {
        "title": "Data Engineer",
        "location": "Đà Nẵng",
        "salary": "Thỏa thuận",
        "level": "Middle",
        "skills": [1, 5, 10],
    },
]
_SKILLS = [1, 5, 14]
"""Java, SQL, Docker: what the candidate can."""
_PROFILE = {
    "target_roles": ["Backend Developer"],
    "experience_level": "Middle",
    "location": "Hồ Chí Minh",
}


_IN_THE_WAY = """\
the demo cannot be loaded: {}. Change or remove that one, or do without the demo (DEMO_DATA=0).\
"""


async def seed_demo(gateway: AsgiApp, runtimes: Mapping[str, Runtime]) -> None:
    """Load the demo once: accounts, a candidate's profile, three jobs, an application, a message.

    Whatever the API can make is made through it, so the demo is a first proof that it works.
    Does no more than the accounts where the demo's jobs are there already.

    Raises:
        DemoRefused: something is in the way; it says what.
    """
    for name, runtime in runtimes.items():
        hook = SERVICES[name].seed_demo
        if hook is not None:
            try:
                async with runtime.db.write() as session:
                    await hook(session)
            except ValueError as error:
                raise DemoRefused(_IN_THE_WAY.format(error)) from error
    found = await _call(gateway, "GET", "/api/v1/jobs", query=b"q=Senior+Backend+Developer")
    if found:
        return
    employer = await _sign_in(gateway, "Employer")
    candidate = await _sign_in(gateway, "Candidate")
    token = candidate["accessToken"]
    skills = {"skillIds": _SKILLS}
    await _call(gateway, "PUT", "/api/v1/candidates/me/skills", token=token, body=skills)
    await _call(gateway, "PUT", "/api/v1/auth/me", token=token, body=_PROFILE)
    posted = [await _post_job(gateway, employer, job) for job in _JOBS]
    letter = {
        "coverLetter": "Tôi có 3 năm kinh nghiệm Java.",
        "cvUrl": "https://example.com/cv.pdf",
    }
    await _settled(gateway, "POST", f"/api/v1/jobs/{posted[0]}/apply", candidate, letter)
    hello = {
        "receiverId": candidate["user"]["id"],
        "content": "Chào bạn, bên mình đã nhận được CV.",
    }
    await _settled(gateway, "POST", "/api/v1/messages", employer, hello)


async def _sign_in(gateway: AsgiApp, role: str) -> dict[str, Any]:
    body = {"emailOrPhone": DEMO_ACCOUNTS[role], "password": DEMO_PASSWORD}
    try:
        signed_in: dict[str, Any] = await _call(gateway, "POST", "/api/v1/auth/login", body=body)
    except DemoRefused as error:
        told = f"{DEMO_ACCOUNTS[role]} does not sign in with the demo's password ({error})"
        raise DemoRefused(_IN_THE_WAY.format(told)) from error
    return signed_in


async def _post_job(gateway: AsgiApp, employer: dict[str, Any], job: dict[str, Any]) -> str:
    expires = clock.local_date(clock.now() + timedelta(days=90))
    body = {
        "jobInfo": {"title": job["title"], "expireDate": expires.isoformat()},
        "jdInfo": {
            "location": job["location"],
            "salary": job["salary"],
            "quantity": 2,
            "expYear": 3,
            "level": job["level"],
            "contractType": "Fulltime",
            "jobType": "Hybrid",
            "description": f"{job['title']}: thiết kế, phát triển và vận hành sản phẩm.",
        },
        "skillIds": job["skills"],
        "categoryIds": [1],
    }
    posted = await _settled(gateway, "POST", "/api/v1/jobs/post", employer, body)
    return str(posted["jobId"])


async def _settled(gateway: AsgiApp, method: str, path: str, who: dict[str, Any], body: Any) -> Any:
    """Call again until it works: what a call leans on may still be on its way as an event."""
    deadline = monotonic() + _WITHIN_SECONDS
    while True:
        try:
            return await _call(gateway, method, path, token=who["accessToken"], body=body)
        except DemoRefused:
            if monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)


class DemoRefused(RuntimeError):
    """Something is in the demo's way: a call of it was answered with an error."""


async def _call(
    gateway: AsgiApp,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    token: str | None = None,
    body: Any = None,
) -> Any:
    """Make one call and return its `data`."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    content = b"" if body is None else orjson.dumps(body)
    reply = await call(gateway, method, path, query=query, headers=headers, body=content)
    answer = orjson.loads(reply.body)
    if answer["error"] is not None:
        raise DemoRefused(f"{method} {path}: {answer['error']}")
    return answer["data"]
