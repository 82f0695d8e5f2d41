"""What Prometheus reads of this process: how requests, events, databases and long works go.

Counted where it happens, at about a microsecond; what stands in a database is looked up only when
somebody asks (`watching`), and at most once in `KEPT_SECONDS`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response

from libs.common.db import Database
from libs.common.sessions import ReadSession

log = logging.getLogger(__name__)

KEPT_SECONDS = 2.0
"""The same answer to all who ask meanwhile: nobody can wear a process out by asking."""
_LOOK_SECONDS = 2.0
_METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])

_BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
"""Seconds. Few: with each, and each route, a scrape gets longer."""

disable_created_metrics()  # type: ignore[no-untyped-call]

HTTP_SECONDS = Histogram(
    "waymark_http_request_seconds",
    "Seconds until the answer to a request began.",
    ["service", "method", "route", "status"],
    buckets=_BUCKETS,
)
EVENTS_PUBLISHED = Counter(
    "waymark_events_published", "Events that left the outbox.", ["service", "event"]
)
EVENT_SECONDS = Histogram(
    "waymark_event_handling_seconds",
    "Seconds that a handler took; a batch that fails is counted, then handled anew one by one.",
    ["service", "event", "handler"],
    buckets=_BUCKETS,
)
EVENT_FAILURES = Counter(
    "waymark_event_failures",
    "Attempts of a handler that failed; after them the event waits for the next, or is dead.",
    ["service", "event", "handler", "state"],
)
OPEN_STREAMS = Gauge("waymark_open_streams", "Answers under way that have no end of their own.")

_children: dict[tuple[str, str, str, int], Histogram] = {}


def answered(service: str, method: str, route: str | None, status: int, seconds: float) -> None:
    """Count a request whose answer begins.

    Args:
        service: who answers.
        route: the pattern of its path, None where none matched; never the path itself, for of
            paths there is no end.
        seconds: since the request came.
    """
    key = (service, method if method in _METHODS else "other", route or "none", status // 100)
    child = _children.get(key)
    if child is None:
        child = _children[key] = HTTP_SECONDS.labels(*key[:3], f"{key[3]}xx")
    child.observe(seconds)


@dataclass(frozen=True, slots=True)
class LastRun:
    """How a long work of a service went last, or goes: from the ledger that it keeps."""

    name: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int]
    """Of what it brought, by what became of that."""


LastRuns = Callable[[ReadSession], Awaitable[Sequence[LastRun]]]

_LOOK = text(  # each from the near end of an index: what is not there yet, or done, costs nothing
    """
    SELECT (SELECT count(*) FROM outbox) AS outbox_messages,
        (SELECT extract(epoch FROM clock_timestamp() - created_at) FROM outbox
            ORDER BY seq LIMIT 1) AS outbox_age_seconds,
        waiting AS inbox_waiting, late AS inbox_late, lag AS inbox_lag_seconds,
        (SELECT count(*) FROM inbox WHERE state = 'dead') AS dead_letters
    FROM (
        SELECT count(*) AS waiting, count(*) FILTER (WHERE due_at <= now()) AS late,
            greatest(extract(epoch FROM clock_timestamp() - min(due_at)), 0) AS lag
        FROM inbox WHERE state = 'waiting'
    ) AS waits
    """
)
_DEPTHS = {
    "outbox_messages": "Events that wait in the outbox to be sent.",
    "outbox_age_seconds": "Seconds that the oldest of them waits; 0 where none does.",
    "inbox_waiting": "Events that wait in the inbox, for their first or a later attempt.",
    "inbox_late": "Of these, how many are due.",
    "inbox_lag_seconds": "Seconds since the first of them was due; 0 where none is.",
    "dead_letters": "Events whose handler gave up.",
}


@dataclass(eq=False)
class _Watched:
    """A service of this process, and what was last seen in its database."""

    db: Database
    last_runs: LastRuns | None
    depths: Mapping[str, Any] | None = None
    """None where the database did not answer."""
    runs: Sequence[LastRun] = field(default=())

    async def look(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_SECONDS), self.db.read() as session:
                found = await (await session.connection()).execute(_LOOK)
                if self.last_runs is not None:
                    self.runs = await self.last_runs(session)
                self.depths = dict(found.mappings().one())
        except Exception as error:  # whatever it is, the rest is to be told all the same
            log.info("the state of %s cannot be read: %r", self.db.service, error)
            self.depths = None


class _Watching(Collector):
    """Tells of all that is watched."""

    def __init__(self) -> None:
        self.watched: list[_Watched] = []
        self._asked = asyncio.Lock()
        self._told: tuple[float, bytes] = (-KEPT_SECONDS, b"")

    async def tell(self) -> bytes:
        async with self._asked:
            if monotonic() - self._told[0] >= KEPT_SECONDS:
                await asyncio.gather(*(one.look() for one in self.watched))
                # Elsewhere, since it may take longer than a request should.
                said = await asyncio.to_thread(generate_latest, REGISTRY)
                self._told = (monotonic(), said)
            return self._told[1]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        watched = list(self.watched)
        yield from _databases(watched)
        yield from _queues(watched)
        yield from _last_runs(watched)


def _databases(watched: Sequence[_Watched]) -> Iterator[GaugeMetricFamily]:
    answers = _family("database_answers", "Whether the database of a service answers: 1 or 0.")
    in_use = _family("database_connections_in_use", "Connections of a pool in use.", "pool")
    most = _family("database_connections_most", "Connections that a pool has at most.", "pool")
    for one in watched:
        answers.add_metric([one.db.service], float(one.depths is not None))
        for name, (used, size) in one.db.pools.items():
            in_use.add_metric([one.db.service, name], used)
            most.add_metric([one.db.service, name], size)
    yield from (answers, in_use, most)


def _queues(watched: Sequence[_Watched]) -> Iterator[GaugeMetricFamily]:
    for name, said in _DEPTHS.items():
        family = _family(name, said)
        for one in watched:
            if one.depths is not None:
                family.add_metric([one.db.service], float(one.depths[name] or 0))
        yield family


def _last_runs(watched: Sequence[_Watched]) -> Iterator[GaugeMetricFamily]:
    state = _family("run_state", "1 for the state in which the last run is.", "run", "state")
    started = _family("run_started_timestamp_seconds", "When the last run began.", "run")
    finished = _family("run_finished_timestamp_seconds", "When it came to its end.", "run")
    items = _family("run_items", "What became of what it brought.", "run", "outcome")
    for one in watched:
        for run in one.runs:
            labels = [one.db.service, run.name]
            state.add_metric([*labels, run.state], 1)
            started.add_metric(labels, run.started_at.timestamp())
            if run.finished_at is not None:
                finished.add_metric(labels, run.finished_at.timestamp())
            for outcome, count in run.counts.items():
                items.add_metric([*labels, outcome], count)
    yield from (state, started, finished, items)


def _family(name: str, said: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"waymark_{name}", said, labels=["service", *labels])


_watching = _Watching()
REGISTRY.register(_watching)


@contextmanager
def watching(db: Database, last_runs: LastRuns | None) -> Iterator[None]:
    """Tell of a service's database, and of its long works, as long as this lasts."""
    one = _Watched(db, last_runs)
    _watching.watched.append(one)
    try:
        yield
    finally:
        _watching.watched.remove(one)


async def metrics(request: Request) -> Response:
    """Answer with all that there is, in Prometheus' text format; bare, for no person reads it."""
    return Response(await _watching.tell(), headers={"Content-Type": CONTENT_TYPE_LATEST})
