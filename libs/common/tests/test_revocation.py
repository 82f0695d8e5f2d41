"""Ended sessions: heard of within a second, before the first verdict, and through an outage."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.common.errors import ServiceUnavailable, TokenInvalid
from libs.common.identity import Role, Verifier
from libs.common.testing import jwks, make_token


class Auth:
    """What the auth service tells of ended sessions: all at first, then those since it was asked.

    Its `now` is a count of what has ended so far.
    """

    def __init__(self, *ended: UUID) -> None:
        self.ended = list(ended)
        self.asked: list[str | None] = []
        self.away = False

    async def __call__(self, since: str | None) -> dict[str, Any]:
        await asyncio.sleep(0)
        self.asked.append(since)
        if self.away:
            raise ServiceUnavailable({"service": "auth"})
        news = self.ended[int(since or 0) :]
        return {"now": str(len(self.ended)), "sessions": [str(session) for session in news]}


def verifier(auth: Auth) -> Verifier:
    async def keys() -> dict[str, Any]:
        return jwks()

    return Verifier(keys, issuer="waymark", audience="waymark-api", fetch_revoked=auth)


def token_of(session_id: UUID) -> str:
    return make_token(Role.CANDIDATE, uuid4(), sid=str(session_id))


async def until_refused(ours: Verifier, token: str) -> float:
    """Verify until the token is refused; return the seconds that it took."""
    begun = monotonic()
    while monotonic() < begun + 5:
        try:
            await ours.verify(token)
        except TokenInvalid:
            return monotonic() - begun
        await asyncio.sleep(0.01)
    raise AssertionError("still valid")


@asynccontextmanager
async def followed(auth: Auth) -> AsyncIterator[Verifier]:
    ours = verifier(auth)
    async with ours.following():
        yield ours


async def test_a_session_that_ends_takes_its_remembered_verdicts_along_within_a_second() -> None:
    auth = Auth()
    session, other = uuid4(), uuid4()
    tokens = [token_of(session), token_of(session), token_of(other)]
    async with followed(auth) as ours:
        for token in tokens:
            await ours.verify(token)
        auth.ended.append(session)
        assert await until_refused(ours, tokens[0]) < 1
        with pytest.raises(TokenInvalid):
            await ours.verify(tokens[1])
        with pytest.raises(TokenInvalid):
            await ours.verify(token_of(session))
        assert (await ours.verify(tokens[2])).session_id == other
    assert list(ours._verdicts) == [tokens[2]]


async def test_before_its_first_verdict_it_hears_of_all_at_once() -> None:
    session = uuid4()
    auth = Auth(session)
    ours = verifier(auth)  # nobody follows yet
    verdicts = await asyncio.gather(
        *(ours.verify(token_of(one)) for one in (session, uuid4(), uuid4())),
        return_exceptions=True,
    )
    assert [isinstance(verdict, TokenInvalid) for verdict in verdicts] == [True, False, False]
    assert auth.asked == [None]


async def test_without_any_list_there_is_no_verdict() -> None:
    auth = Auth()
    auth.away = True
    ours = verifier(auth)
    token = token_of(uuid4())
    with pytest.raises(ServiceUnavailable):
        await ours.verify(token)
    auth.away = False
    assert (await ours.verify(token)).token == token


async def test_while_auth_is_away_the_known_goes_on_to_count(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ended, ending = uuid4(), uuid4()
    auth = Auth(ended)
    caplog.set_level(logging.INFO)
    async with followed(auth) as ours:
        token = token_of(ending)
        await ours.verify(token)
        auth.away = True
        auth.ended.append(ending)
        rounds = len(auth.asked)
        deadline = monotonic() + 10
        while len(auth.asked) < rounds + 4:
            assert monotonic() < deadline
            await asyncio.sleep(0.01)
        assert (await ours.verify(token)).session_id == ending
        assert (await ours.verify(token_of(uuid4()))).role == Role.CANDIDATE
        with pytest.raises(TokenInvalid):
            await ours.verify(token_of(ended))
        auth.away = False
        assert await until_refused(ours, token) < 2
    failing = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert 1 <= len(failing) <= 3  # the 1st, 2nd and 4th
    assert not any(r.exc_info for r in failing)


async def test_it_asks_for_news_only_and_now_and_then_for_the_whole_to_forget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new = uuid4(), uuid4()
    auth = Auth(old)
    ours = verifier(auth)
    await ours._hear()
    auth.ended.append(new)
    await ours._hear()
    assert (auth.asked, ours._revoked) == ([None, "1"], {old, new})
    auth.ended.remove(old)  # its last token has died
    await ours._hear()
    assert ours._revoked == {old, new}
    monkeypatch.setattr("libs.common.identity.monotonic", lambda: monotonic() + 601)
    await ours._hear()
    assert (auth.asked[-1], ours._revoked) == (None, {new})


async def test_those_who_share_it_follow_once() -> None:
    auth = Auth()
    ours = verifier(auth)
    token = token_of(uuid4())
    async with ours.following():
        async with ours.following():
            await ours.verify(token)
        auth.ended.append((await ours.verify(token)).session_id)
        assert await until_refused(ours, token) < 1
        assert len(auth.asked) <= 5
    rounds = len(auth.asked)
    await asyncio.sleep(0.7)  # longer than a round: nobody asks any more
    assert len(auth.asked) == rounds
