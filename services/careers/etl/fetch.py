"""The crawl: fetches occupations from O*NET Web Services into `etl_raw`, a few at a time.

Each occupation is stored whole, in a transaction of its own that also notes it as fetched: a run
that is killed loses the few that were under way, and goes on with those.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import orjson

from services.careers.etl import v2, v19
from services.careers.etl.client import ApiKey, CrawlStopped, FetchFailed, OnetClient, open_client
from services.careers.etl.ledger import mark_crawled
from services.careers.etl.shape import Format, Mode, Source
from services.careers.etl.staging import Raw, Transaction, stage
from services.careers.etl.v2 import Plan
from services.careers.settings import CareersSettings

AT_ONCE = 4
"""Occupations under way; the rate is the client's, whatever this is."""
OCCUPATIONS = "online/occupations"
HOSTS: dict[Format, str] = {
    "v2": "https://api-v2.onetcenter.org/",
    "v1.9": "https://services.onetcenter.org/ws/",
}
PLANS: dict[Format, dict[Mode, tuple[Plan, ...]]] = {
    "v2": {
        Mode.MNM: (v2.MNM,),
        Mode.ONLINE: (v2.ONLINE,),
        Mode.HYBRID: (v2.MNM, v2.ONLINE),
    },
    "v1.9": {
        Mode.MNM: (v19.MNM,),
        Mode.ONLINE: (v19.ONLINE,),
        Mode.HYBRID: (v19.MNM, v19.ONLINE),
    },
}


@dataclass(frozen=True)
class Upstream:
    """O*NET Web Services as far as a run is concerned."""

    client: OnetClient
    format: Format
    release: str
    """The version that it says it is; it changes with every release of the data."""


@dataclass
class Crawl:
    """What a crawl did."""

    fetched: int = 0
    written: int = 0
    """Sections that were new, different or gone."""
    failed: dict[str, str] = field(default_factory=dict)
    """Occupation -> why it could not be fetched; what was stored of it stays."""


@asynccontextmanager
async def reach(settings: CareersSettings) -> AsyncIterator[Upstream]:
    """Open O*NET Web Services for a block, and make sure that they answer.

    Raises:
        CrawlStopped: there are no credentials, they are refused, or nothing of O*NET answers.
    """
    version, auth = _credentials(settings)
    rate = settings.onet_requests_per_second
    base_url = settings.onet_base_url or HOSTS[version]
    async with open_client(base_url, auth, rate=rate) as client:
        about = await _about(client)
        if not isinstance(about, dict) or "api_version" not in about:
            raise CrawlStopped(f"no O*NET Web Services at {base_url}: check ONET_BASE_URL")
        yield Upstream(client, version, str(about["api_version"]))


async def _about(client: OnetClient) -> Any | None:
    try:
        return await client.read("about")
    except FetchFailed as error:
        raise CrawlStopped(f"O*NET Web Services cannot be reached: {error}") from error


def _credentials(settings: CareersSettings) -> tuple[Format, httpx.Auth]:
    if settings.onet_api_key is not None:
        return "v2", ApiKey(settings.onet_api_key)
    if settings.onet_username and settings.onet_password is not None:
        password = settings.onet_password.get_secret_value()
        return "v1.9", httpx.BasicAuth(settings.onet_username, password)
    raise CrawlStopped(
        "this mode asks O*NET Web Services: set ONET_API_KEY (v2.0), or ONET_USERNAME and "
        "ONET_PASSWORD (v1.9); the mode FILES needs none"
    )


async def listed(upstream: Upstream) -> list[str]:
    """Return the codes of all occupations.

    Raises:
        CrawlStopped: the list cannot be had, and so nothing can.
    """
    try:
        found = await upstream.client.read_pages(OCCUPATIONS)
    except FetchFailed as error:
        raise CrawlStopped(f"the list of occupations cannot be read: {error}") from error
    if not found or not found.get("occupation"):
        raise CrawlStopped("the list of occupations is empty: check ONET_BASE_URL")
    return [one["code"] for one in found["occupation"]]


async def crawl(
    upstream: Upstream,
    mode: Mode,
    codes: Iterable[str],
    begin: Transaction,
    run_id: UUID,
    watch: Callable[[str], None],
) -> Crawl:
    """Fetch occupations and store what is said of them.

    Args:
        upstream: where from.
        mode: all but FILES.
        codes: the occupations.
        begin: opens the transaction that stores one.
        run_id: the run in the ledger.
        watch: told of each occupation that is dealt with.

    Raises:
        CrawlStopped: nothing more can be fetched; what was fetched is stored.
    """
    done, left, stopped = Crawl(), iter(codes), list[BaseException]()

    async def work() -> None:
        for code in left:
            try:
                raws = await _occupation(upstream, PLANS[upstream.format][mode], code)
            except FetchFailed as error:
                done.failed[code] = str(error)
            else:
                async with begin() as session:
                    for source, sections in raws.items():
                        # Not in one line: `+=` would read the sum, wait, and forget the others'.
                        written = await stage(session, source, [code], sections)
                        done.written += written
                    await mark_crawled(session, run_id, code)
                done.fetched += 1
            watch(code)

    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(AT_ONCE):
                workers.create_task(work())
    except* Exception as group:
        stopped.extend(group.exceptions)
    if stopped:
        raise stopped[0]
    return done


async def _occupation(
    upstream: Upstream, plans: Sequence[Plan], code: str
) -> dict[Source, list[Raw]]:
    """Return all that the plans want of an occupation; what has no data is not there."""
    answers: dict[str, Any] = {}  # the plans have paths in common

    async def read(path: str, paged: bool = False) -> Any | None:
        if path not in answers:
            read = upstream.client.read_pages if paged else upstream.client.read
            answers[path] = await read(path)
        return answers[path]

    async def follow(plan: Plan) -> list[Raw]:
        overview = await read(plan.overview.format(code=code))
        found = {plan.name: overview}
        for section, path in plan.paths(code, overview or {}).items():
            found[section] = await read(path, section in plan.paged)
        return [
            Raw(code, section, _written(body), upstream.format, upstream.release)
            for section, body in found.items()
            if body is not None
        ]

    try:
        return {plan.source: await follow(plan) for plan in plans}
    except (AttributeError, KeyError, TypeError) as error:
        raise FetchFailed(f"{code} is answered in a shape unknown here: {error!r}") from error


def _written(body: Any) -> bytes:
    """Return a body as it is stored: the order of its keys, which may change, says nothing."""
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
