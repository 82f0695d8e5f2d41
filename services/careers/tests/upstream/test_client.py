"""The client of O*NET Web Services against the fake: patience, politeness, and whom it trusts."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from time import monotonic
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from libs.common import clock
from services.careers.etl import fetch
from services.careers.etl.client import (
    TRIES,
    ApiKey,
    CrawlStopped,
    FetchFailed,
    OnetClient,
    open_client,
)
from services.careers.etl.fetch import reach
from services.careers.settings import CareersSettings
from services.careers.tests.fake_onet.release import Release
from services.careers.tests.fake_onet.server import (
    HTML_503,
    KEY,
    NO_DATA,
    PASSWORD,
    USER,
    FakeOnet,
    Fault,
    redirect,
    serving,
)
from services.careers.tests.upstream.whole_runs import knobs

LIST = "online/occupations"
CEO = "mnm/careers/11-1011.00/"
TERMS = 5
"""Requests a second above which O*NET suspends an account."""


def connected(fake: FakeOnet, **options: Any) -> Any:
    """Open a client that is too fast for O*NET, but not for the fake."""
    quick: dict[str, Any] = {"rate": 10_000, "backoff": 0.001, "deadline": 5} | options
    return open_client(fake.base_url, ApiKey(SecretStr(KEY)), **quick)


async def test_an_answer_is_read_with_the_key_in_its_header(fake: FakeOnet) -> None:
    async with connected(fake) as client:
        career = await client.read(CEO)
    assert career["title"] == "Chief Executives"
    assert career["on_the_job"][2].startswith("Prepare budgets for approval")
    assert fake.asked == [CEO]
    assert fake.strangers == []


@pytest.mark.parametrize("fault", [NO_DATA, Fault(404, b""), Fault(422, b"no JSON, even")])
async def test_404_and_422_are_no_data_and_not_asked_again(fake: FakeOnet, fault: Fault) -> None:
    fake.script(CEO, fault)
    async with connected(fake) as client:
        assert await client.read(CEO) is None
        assert await client.read("mnm/careers/55-1016.00/") is None
    assert len(fake.asked) == 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault(429, b""),
        Fault(429, b"", {"Retry-After": "0"}),
        Fault(500, b'{"error":"oops"}'),
        HTML_503,
        Fault(cut=40),
        Fault(200, b"<html>maintenance</html>"),
        Fault(delay=1),
    ],
    ids=["429", "429 now", "500", "503 in HTML", "cut JSON", "200 in HTML", "slow"],
)
async def test_what_passes_is_waited_for(fake: FakeOnet, fault: Fault) -> None:
    fake.script(CEO, fault, fault)
    async with connected(fake, deadline=0.2) as client:
        assert (await client.read(CEO))["code"] == "11-1011.00"
    assert fake.asked == [CEO] * 3


async def test_what_does_not_pass_is_told_in_the_end(fake: FakeOnet) -> None:
    fake.always(CEO, HTML_503)
    async with connected(fake) as client:
        with pytest.raises(FetchFailed, match=rf"/{CEO} answered 503, {TRIES} times"):
            await client.read(CEO)
        assert (await client.read("about"))["api_version"] == "2.1"
    assert fake.asked == [CEO] * TRIES + ["about"]


async def test_nobody_there_is_told_too() -> None:
    async with open_client(
        "http://127.0.0.1:9/", ApiKey(SecretStr(KEY)), rate=10_000, backoff=0.001
    ) as client:
        with pytest.raises(FetchFailed, match="has not answered"):
            await client.read(CEO)


async def test_waits_grow_and_differ(fake: FakeOnet) -> None:
    fake.always(CEO, Fault(500, b""))
    async with connected(fake, backoff=0.004) as client:
        for _ in range(2):
            with pytest.raises(FetchFailed):
                await client.read(CEO)
    first, second = fake.meter.gaps[: TRIES - 1], fake.meter.gaps[TRIES:]
    for attempt, gap in enumerate(first):
        assert gap >= 0.004 * 2**attempt * 0.5
    assert first != second


def in_a_second() -> str:
    return format_datetime(clock.now() + timedelta(seconds=2), usegmt=True)


@pytest.mark.parametrize("told", [lambda: "1", in_a_second], ids=["seconds", "date"])
async def test_retry_after_holds_for_all(
    fake: FakeOnet, told: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    begun = monotonic()
    fake.script(CEO, Fault(429, b"", {"Retry-After": told()}))
    async with connected(fake) as client, asyncio.timeout(10):
        first = asyncio.create_task(client.read(CEO))
        while "answered 429" not in caplog.text:
            await asyncio.sleep(0.001)
        await asyncio.gather(first, *(client.read("about") for _ in range(3)))
    assert len(fake.asked) == 5
    assert min(fake.meter.times[1:]) - begun >= 1


async def test_an_upstream_that_wants_to_be_left_alone_is(fake: FakeOnet) -> None:
    fake.script(CEO, Fault(429, b"", {"Retry-After": "86400"}))
    async with connected(fake) as client:
        with pytest.raises(CrawlStopped, match="left alone for 86400 s"):
            await client.read(CEO)
    assert len(fake.asked) == 1


@pytest.mark.parametrize(("version", "status"), [("v2", 403), ("v1.9", 401)])
async def test_wrong_credentials_stop_at_once_and_are_never_shown(
    fake: FakeOnet, version: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "wrong-secret-8841"
    auth = ApiKey(SecretStr(secret)) if version == "v2" else httpx.BasicAuth(USER, secret)
    path = "about" if version == "v2" else "ws/about"
    async with open_client(fake.base_url, auth, rate=10_000) as client:
        with pytest.raises(CrawlStopped, match=rf"\({status}\): check ONET_API_KEY") as raised:
            await client.read(path)
        shown = "".join(traceback.format_exception(raised.value)) + repr(vars(client)) + caplog.text
    assert secret not in shown
    assert fake.asked == [path]
    assert len(fake.strangers) == 1


async def test_the_key_is_never_shown(fake: FakeOnet, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fake.script(CEO, Fault(429, b""), Fault(200, b"{"))
    fake.always("online/x", HTML_503)
    async with connected(fake) as client:
        await client.read(CEO)
        with pytest.raises(FetchFailed) as raised:
            await client.read("online/x")
        shown = "".join(traceback.format_exception(raised.value)) + repr(vars(client)["_http"].auth)
    assert "try 1 of" in caplog.text
    assert KEY not in shown + caplog.text + "".join(fake.asked)


async def test_v19_is_read_by_user_and_password(fake: FakeOnet) -> None:
    auth = httpx.BasicAuth(USER, PASSWORD)
    async with open_client(f"{fake.base_url}ws/", auth, rate=10_000) as client:
        report = await client.read("mnm/careers/11-1011.00/report")
        occupations = await client.read_pages(LIST)
    assert report is not None
    assert report["personality"]["top_interest"]["title"] == "Enterprising"
    assert occupations is not None
    assert len(occupations["occupation"]) == 1016


@asynccontextmanager
async def elsewhere(known: Release) -> AsyncIterator[FakeOnet]:
    """Serve another host: to a client, another port is one."""
    async with serving(known) as other:
        yield other
        assert other.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed_at_home_only(
    fake: FakeOnet, known: Release, status: int
) -> None:
    async with elsewhere(known) as other, connected(fake) as client:
        fake.script(CEO, redirect("/about", status), redirect(f"{other.base_url}{CEO}", status))
        assert (await client.read(CEO))["api_version"] == "2.1"
        with pytest.raises(FetchFailed, match="leads to another host"):
            await client.read(CEO)


@pytest.mark.parametrize(
    "to",
    ["https://127.0.0.1/", "//evil.example/", "http://u@evil.example/", "ftp://x/", "http://["],
)
async def test_strange_redirects_are_not_followed(fake: FakeOnet, to: str) -> None:
    fake.always(CEO, redirect(to))
    async with connected(fake) as client:
        with pytest.raises(FetchFailed):
            await client.read(CEO)


async def test_redirects_in_a_circle_end(fake: FakeOnet) -> None:
    fake.always(CEO, redirect(f"/{CEO}"))
    async with connected(fake) as client:
        with pytest.raises(FetchFailed, match="redirects without end"):
            await client.read(CEO)


@pytest.mark.parametrize("most", [2000, 300, 1])
async def test_all_pages_are_read(fake: FakeOnet, most: int) -> None:
    fake.most = most
    async with connected(fake) as client:
        if most == 1:
            with pytest.raises(FetchFailed, match="pages without end"):
                await client.read_pages(LIST)
            return
        whole = await client.read_pages(LIST)
    assert [one["code"] for one in whole["occupation"]] == [*fake.release.occupations]
    assert whole.keys() == {"occupation"}


@pytest.mark.parametrize("version", ["v2", "v1.9"])
async def test_pages_that_lead_back_are_not_followed(fake: FakeOnet, version: str) -> None:
    fake.most = 500
    path, auth = LIST, ApiKey(SecretStr(KEY))
    here = f"{fake.base_url}{path}?start=1&end=1000"
    if version == "v1.9":
        path, auth = f"ws/{LIST}", httpx.BasicAuth(USER, PASSWORD)  # type: ignore[assignment]
        here = here.replace(LIST, path)
    again = {"next": here} if version == "v2" else {"link": [{"rel": "next", "href": here}]}
    fake.always(path, Fault(edit=lambda body: body | again))
    async with open_client(fake.base_url, auth, rate=10_000) as client:
        with pytest.raises(FetchFailed, match="pages without end"):
            await client.read_pages(path)
    assert len(fake.asked) == 1


async def test_pages_of_another_host_are_not_asked_for(fake: FakeOnet, known: Release) -> None:
    fake.most = 500
    async with elsewhere(known) as other, connected(fake) as client:
        foreign = {"next": f"{other.base_url}{LIST}?start=501&end=1000"}
        fake.script(LIST, Fault(edit=lambda body: body | foreign))
        with pytest.raises(FetchFailed, match="another host"):
            await client.read_pages(LIST)


async def test_a_list_that_changes_is_read_again(fake: FakeOnet) -> None:
    fake.most = 500
    grown = Fault(edit=lambda body: body | {"total": body["total"] + 1})
    fake.script(LIST, Fault(), grown)
    async with connected(fake) as client:
        assert len((await client.read_pages(LIST))["occupation"]) == 1016
        assert len(fake.asked) == 2 + 3
        fake.script(LIST, *[Fault(), grown] * TRIES)
        with pytest.raises(FetchFailed, match="changes while it is read"):
            await client.read_pages(LIST)


@pytest.mark.parametrize(
    "edit",
    [
        lambda body: [],
        lambda body: "text",
        lambda body: body | {"link": [{"rel": "next"}]},
        lambda body: body | {"link": 3},
        lambda body: body | {"next": 7},
        lambda body: body | {"next": "http://["},
        lambda body: body | {"occupation": None, "next": "/online/occupations?start=2"},
    ],
)
async def test_pages_of_an_unknown_shape_are_refused(
    fake: FakeOnet, edit: Callable[[Any], Any]
) -> None:
    fake.most = 500
    fake.script(LIST, Fault(edit=edit))
    async with connected(fake) as client:
        with pytest.raises(FetchFailed):
            await client.read_pages(LIST)


async def test_an_empty_page_is_an_empty_list_and_no_data_is_none(fake: FakeOnet) -> None:
    empty = {"start": 1, "end": 0, "total": 0, "occupation": []}
    fake.script(LIST, Fault(edit=lambda body: empty), NO_DATA)
    async with connected(fake) as client:
        assert await client.read_pages(LIST) == {"occupation": []}
        assert await client.read_pages(LIST) is None


async def test_never_more_than_the_default_rate_however_many_ask(known: Release) -> None:
    rate = CareersSettings.model_fields["onet_requests_per_second"].default
    assert rate == 4
    async with serving(known, limit=TERMS) as fake, connected(fake, rate=rate) as client:
        begun = monotonic()
        await asyncio.gather(*(client.read("about") for _ in range(10)))
        assert monotonic() - begun >= 9 / rate
    assert min(fake.meter.gaps) > 0
    assert len(fake.asked) == 10


async def test_the_meter_fails_a_test_that_is_too_fast(known: Release) -> None:
    with pytest.raises(AssertionError, match="requests in one second"):
        async with serving(known, limit=TERMS) as fake, connected(fake, rate=200) as client:
            await asyncio.gather(*(client.read("about") for _ in range(8)))


async def test_the_settings_say_which_version_is_meant(fake: FakeOnet) -> None:
    async with reach(knobs(fake)) as upstream:
        assert (upstream.format, upstream.release) == ("v2", "2.1")
    async with reach(knobs(fake, "v1.9")) as upstream:
        assert (upstream.format, upstream.release) == ("v1.9", "1.9.84")
    with pytest.raises(CrawlStopped, match="set ONET_API_KEY"):
        async with reach(CareersSettings(onet_api_key=SecretStr(""))):
            pass


async def test_where_nobody_is_there_is_no_crawl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "open_client", partial(open_client, backoff=0.001))
    nowhere = CareersSettings(
        onet_base_url="http://127.0.0.1:9/",
        onet_api_key=SecretStr(KEY),
        onet_requests_per_second=99,
    )
    with pytest.raises(CrawlStopped, match="cannot be reached"):
        async with reach(nowhere):
            pass


@pytest.mark.parametrize("edit", [lambda body: {}, lambda body: []])
async def test_what_is_not_onet_is_told(fake: FakeOnet, edit: Callable[[Any], Any]) -> None:
    fake.script("about", Fault(edit=edit))
    with pytest.raises(CrawlStopped, match="check ONET_BASE_URL"):
        async with reach(knobs(fake)):
            pass


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "kéy"])
def test_a_key_that_fits_no_header_is_refused_unshown(key: str) -> None:
    with pytest.raises(ValidationError, match="is no key") as raised:
        CareersSettings(onet_api_key=SecretStr(key))
    assert key not in str(raised.value)


@pytest.mark.parametrize("url", ["http://services.example/", "ftp://localhost/", "localhost"])
def test_credentials_do_not_leave_in_the_clear(url: str) -> None:
    with pytest.raises(ValidationError, match="onet_base_url"):
        CareersSettings(onet_base_url=url)


def test_a_client_shows_no_secret() -> None:
    client = OnetClient(httpx.AsyncClient(auth=ApiKey(SecretStr(KEY))), 1, 1, 1)
    assert KEY not in repr(client) + repr(vars(client))
