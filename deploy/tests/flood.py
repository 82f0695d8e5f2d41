"""A flood of applications and of moves through the gateway, written down as it is driven.

Each call is made again until its answer is known, whatever is done to the system meanwhile.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any
from uuid import UUID

import httpx
import psycopg
from pydantic import SecretStr

from deploy.tests import journey
from deploy.tests.journey import Person
from libs.common import clock
from libs.common.contracts.auth import (
    CandidateUpdated,
    CompanyUpdated,
    EmployerUpdated,
    UserActivated,
)
from libs.common.events import Event, Message
from libs.common.identity import SECRET_ALGORITHM, Role
from libs.common.ids import new_id
from libs.common.settings import CommonSettings
from services.applications.rules import MOVES, Status
from services.auth.tokens import sign_access_token

SECRET = "vG7xk2mZp9QwT4sLr8NbY3cHd6JfUaEo"
SETTINGS = {"JWT_ALGORITHM": SECRET_ALGORITHM, "JWT_SECRET_KEY": SECRET}
"""Environment of a system that takes tokens signed here: nobody has to register or sign in."""
COMMON = CommonSettings(jwt_algorithm="HS256", jwt_secret_key=SecretStr(SECRET))
CANDIDATES, EMPLOYERS, JOBS_OF_EACH = 100, 8, 5
SIDE_BY_SIDE = 24
MOST_MOVES = 4  # of one application
PATIENCE = 600.0  # seconds for a call: several may be killed while one starts

Move = tuple[str, str, str | None]
"""From, to, and the note of the move, which no other move of this application has."""


@dataclass
class Driven:
    """An application, as it was driven."""

    candidate_id: str
    job_id: str
    moves: list[Move] = field(default_factory=list)

    @property
    def status(self) -> Status:
        """Where it stands."""
        return Status(self.moves[-1][1]) if self.moves else Status.APPLIED


@dataclass
class Flood:
    """What is to be done, and what was."""

    client: httpx.AsyncClient
    operations: int
    chosen: Random
    driven: dict[str, Driven] = field(default_factory=dict)
    """By the application's id."""

    @property
    def done(self) -> int:
        """Count the applications and their moves."""
        return sum(1 + len(one.moves) for one in self.driven.values())

    async def run(self, database_url: str) -> None:
        """Let many candidates apply for many jobs, and move the applications to and fro."""
        candidates = [new_id() for _ in range(CANDIDATES)]
        employers = [new_id() for _ in range(EMPLOYERS)]
        await asyncio.to_thread(_introduce, database_url, candidates, employers)
        jobs = [(employer, await self._post_job(employer))
                for employer in employers for _ in range(JOBS_OF_EACH)]  # fmt: skip
        pairs = list(product(candidates, jobs))
        self.chosen.shuffle(pairs)
        waiting = iter(pairs)
        async with asyncio.TaskGroup() as sides:
            for _ in range(SIDE_BY_SIDE):
                sides.create_task(self._work_on(waiting))
        assert self.done >= self.operations, "too few people for so many operations"

    async def _work_on(self, waiting: Iterator[tuple[UUID, tuple[UUID, str]]]) -> None:
        for candidate, (employer, job_id) in waiting:
            if self.done >= self.operations:
                return
            await self._drive(self._person(candidate, Role.CANDIDATE),
                              self._person(employer, Role.EMPLOYER), job_id)  # fmt: skip

    async def _drive(self, candidate: Person, employer: Person, job_id: str) -> None:
        """Apply and be moved; who takes it back applies again."""
        status = Status.WITHDRAWN
        while status is Status.WITHDRAWN:
            body = {"coverLetter": "Tôi có 3 năm kinh nghiệm...", "cvUrl": "https://a.example/cv"}
            path = f"/jobs/{job_id}/apply"
            applied = await candidate.call("POST", path, json=body, once=True)
            one = self.driven[applied["applyId"]] = Driven(candidate.user_id, job_id)
            for number in range(self.chosen.randint(0, MOST_MOVES)):
                if MOVES[one.status]:
                    move = await self._move(candidate, employer, applied["applyId"], number)
                    one.moves.append(move)
            status = one.status

    async def _move(self, candidate: Person, employer: Person, apply_id: str, number: int) -> Move:
        present = self.driven[apply_id].status
        to = self.chosen.choice(list(MOVES[present]))
        if to is Status.WITHDRAWN:  # refused, when it has happened and only the answer was lost
            accept = ("WITHDRAWAL_NOT_ALLOWED",)
            await candidate.call("DELETE", f"/applies/{apply_id}", accept=accept)
            return (present, to, None)
        body = {"status": to, "note": str(number)}
        moved = await employer.call("PUT", f"/applies/{apply_id}/status", json=body)
        assert moved["status"] == to
        return (present, to, str(number))

    async def _post_job(self, employer: UUID) -> str:
        return await journey.post_job(self._person(employer, Role.EMPLOYER))

    def _person(self, user_id: UUID, role: Role) -> Person:
        token = sign_access_token(
            COMMON, user_id=user_id, session_id=new_id(), role=role, now=clock.now()
        )
        headers = {"Authorization": f"Bearer {token}"}
        return Person(self.client, 0, "", str(user_id), headers=headers, patience=PATIENCE)


def _introduce(database_url: str, candidates: Sequence[UUID], employers: Sequence[UUID]) -> None:
    """Have the identity service say who they are."""
    said = [
        *(event for id_ in candidates for event in _candidate(id_)),
        *(event for id_ in employers for event in _employer(id_)),
    ]
    rows = [(one.id, one.name, one.body.decode()) for one in map(Message.of, said)]
    with psycopg.connect(database_url) as connection:
        connection.cursor().executemany(
            "INSERT INTO auth.outbox (id, name, body) VALUES (%s, %s, %s)", rows
        )


def _candidate(id_: UUID) -> list[Event]:
    known: dict[str, Any] = {"name": "Nguyễn Văn Hoàng", "email": f"{id_}@flood.example"}
    return [
        UserActivated(user_id=id_, role=Role.CANDIDATE, **_ACTIVE, **known),
        CandidateUpdated(candidate_id=id_, cv_url=None, skill_ids=[], version=2, **known),
    ]


def _employer(id_: UUID) -> list[Event]:
    name, company = "Trần Văn Tuyển Dụng", new_id()
    facts: dict[str, Any] = dict.fromkeys(("industry", "address", "logo_url"))
    return [
        UserActivated(
            user_id=id_, role=Role.EMPLOYER, name=name, email=f"{id_}@flood.example", **_ACTIVE
        ),
        CompanyUpdated(company_id=company, name="Tech Inc.", complete=True, version=1, **facts),
        EmployerUpdated(employer_id=id_, name=name, company_id=company, version=1),
    ]


_ACTIVE: dict[str, Any] = {"avatar_url": None, "is_active": True, "version": 2}
