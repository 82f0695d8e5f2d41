"""Runs that fail, are refused or killed: they go on where they were, and end as if nothing was."""

import asyncio
import os
import random
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path
from signal import SIGKILL

import pytest

from libs.common.service import Service
from libs.common.testing import Bench
from services.careers.etl.client import TRIES
from services.careers.etl.runs import RunRefused
from services.careers.etl.shape import Mode
from services.careers.tests.fake_onet.server import HTML_503, KEY, FakeOnet, Fault, redirect
from services.careers.tests.upstream.varied import CEO, SCIENTIST, VARIED
from services.careers.tests.upstream.whole_runs import clear, end_state, load, staged, without


async def test_all_that_can_go_wrong_and_passes_changes_nothing(
    bench: Bench, fake: FakeOnet
) -> None:
    await load(bench, Mode.HYBRID)
    well = await end_state(bench)
    await clear(bench)
    details = f"online/occupations/{CEO}/details"
    overview = f"online/occupations/{CEO}/"
    fake.script("about", Fault(429, b"", {"Retry-After": "0"}))
    fake.script("online/occupations", Fault(), Fault(edit=lambda body: body | {"total": 7}))
    fake.most = 600
    fake.script(f"{details}/tasks", HTML_503, Fault(cut=100), Fault(500, b""))
    fake.script(f"{details}/knowledge", Fault(429, b""), Fault(429, b"", {"Retry-After": "0"}))
    fake.script(f"{details}/skills", redirect(f"/{details}/skills"))
    fake.script(f"mnm/careers/{CEO}/", Fault(200, b"<html>maintenance</html>"))
    fake.script(f"mnm/careers/{SCIENTIST}/", Fault(delay=0.2))
    assert (await load(bench, Mode.HYBRID)).failures == 0
    assert await end_state(bench) == well
    await clear(bench)
    fake.script(overview, Fault(edit=lambda body: body | {"tags": {}, "later": [{"x": 1}]}))
    await load(bench, Mode.HYBRID)
    for table, rows in (await end_state(bench))[1].items():
        assert without(rows, "content_hash") == without(well[1][table], "content_hash")


async def test_what_could_not_be_fetched_is_fetched_by_a_resumed_run(
    bench: Bench, fake: FakeOnet
) -> None:
    await load(bench, Mode.HYBRID)
    well = await end_state(bench)
    await clear(bench)
    fake.script(f"online/occupations/{SCIENTIST}/details/tasks", *[HTML_503] * TRIES)
    report = await load(bench, Mode.HYBRID)
    assert report.tables["careers"].failed == 1
    assert "answered 503" in report.problems[0]
    fake.asked.clear()
    again = await load(bench, Mode.HYBRID, resume=True)
    assert again.failures == 0
    assert {code for path in fake.asked for code in re.findall(r"/([\d.-]+)/", path)} == {SCIENTIST}
    assert await end_state(bench) == well


async def test_a_run_that_is_refused_says_so_and_is_resumed(bench: Bench, fake: FakeOnet) -> None:
    fake.script(f"mnm/careers/{VARIED[-1]}/", Fault(403, b"<html>suspended</html>"))
    with pytest.raises(RunRefused, match="refuses the credentials"):
        await load(bench, Mode.HYBRID)
    [row] = await bench.rows("SELECT state, error FROM etl_runs")
    assert row["state"] == "failed"
    assert "check ONET_API_KEY" in row["error"]
    assert KEY not in row["error"]
    kept = {row["onet_code"] for row in await staged(bench)}
    fake.asked.clear()
    assert (await load(bench, Mode.HYBRID, resume=True)).failures == 0
    asked = " ".join(fake.asked)
    assert not [code for code in kept if f"/{code}/" in asked]
    assert len(await bench.rows("SELECT FROM careers")) == len(VARIED)


async def test_another_order_leaves_a_crawl_that_was_cut_off_as_it_is(
    bench: Bench, fake: FakeOnet, small: Path
) -> None:
    fake.script(f"mnm/careers/{VARIED[-1]}/", Fault(403, b"<html>suspended</html>"))
    with pytest.raises(RunRefused):
        await load(bench, Mode.HYBRID)
    kept = [row["onet_code"] for row in await bench.rows("SELECT onet_code FROM etl_crawled")]
    await load(bench, Mode.FILES, small)
    fake.asked.clear()
    assert (await load(bench, Mode.HYBRID, resume=True)).failures == 0
    assert not [code for code in kept if f"/{code}/" in " ".join(fake.asked)]
    assert kept
    assert await bench.rows("SELECT FROM etl_crawled") == []
    fake.script("about", Fault(403, b""))
    with pytest.raises(RunRefused):
        await load(bench, Mode.HYBRID)
    assert len(await bench.rows("SELECT FROM etl_runs")) == 2, "it was never begun"


async def test_a_dry_run_leaves_nothing(bench: Bench, fake: FakeOnet) -> None:
    report = await load(bench, Mode.HYBRID, dry=True)
    assert report.tables["careers"].written == len(VARIED)
    assert await staged(bench) == []
    assert await bench.rows("SELECT FROM etl_runs UNION ALL SELECT FROM careers") == []


class Waymark:
    """`waymark careers etl` in a process of its own, over the fake and the bench's database."""

    def __init__(self, url: str, fake: FakeOnet, folder: Path) -> None:
        self.fake = fake
        self.environment = os.environ | {
            "DATABASE_URL": url,
            "DATA_DIR": str(folder),
            "ONET_BASE_URL": fake.base_url,
            "ONET_API_KEY": KEY,
            "ONET_REQUESTS_PER_SECOND": "250",
            "LOG_LEVEL": "WARNING",
        }

    async def run(self, *arguments: str, until: float = inf) -> tuple[int, str]:
        """Run it to its end, or kill it once the fake has been asked so many things."""
        command = (sys.executable, "-m", "deploy", "careers", "etl", *arguments)
        process = await asyncio.create_subprocess_exec(
            *command, env=self.environment, stdout=PIPE, stderr=STDOUT
        )
        ended = asyncio.create_task(process.communicate())
        async with asyncio.timeout(120):
            while not ended.done():
                if len(self.fake.asked) >= until and process.returncode is None:
                    process.kill()
                    until = inf
                await asyncio.wait([ended], timeout=0.002)
        return process.returncode or 0, (await ended)[0].decode()


async def killed_and_resumed(bench: Bench, waymark: Waymark, kills: Sequence[float]) -> None:
    """Kill a run after each of these numbers of requests, resume it, and let it end."""
    arguments = ["--mode", "HYBRID", "--codes", ",".join(VARIED)]
    for kill in (*kills, inf):
        waymark.fake.asked.clear()
        known = await bench.rows("SELECT onet_code FROM etl_crawled")
        code, said = await waymark.run(*arguments, until=kill)
        assert code == 0 or (code == -SIGKILL and kill < inf), said
        again = [row for row in known if f"/{row['onet_code']}/" in " ".join(waymark.fake.asked)]
        assert again == [], "was fetched already"
        arguments = [*arguments, "--resume"]


async def test_killed_in_its_crawl_a_run_goes_on_where_it_was(
    bench: Bench, fake: FakeOnet, migrated: Callable[[Service], str], tmp_path: Path
) -> None:
    await load(bench, Mode.HYBRID)
    well, all_asked = await end_state(bench), len(fake.asked)
    await clear(bench)
    waymark = Waymark(migrated(bench.service), fake, tmp_path)
    await killed_and_resumed(bench, waymark, [all_asked // 2])
    assert len(fake.asked) < all_asked
    assert await end_state(bench) == well
    [row] = await bench.rows("SELECT state FROM etl_runs")
    assert row["state"] == "done"
    assert fake.strangers == []


@pytest.mark.soak
async def test_killed_at_ten_moments_a_run_ends_as_if_it_never_was(
    bench: Bench, fake: FakeOnet, migrated: Callable[[Service], str], tmp_path: Path
) -> None:
    await load(bench, Mode.HYBRID)
    well, all_asked = await end_state(bench), len(fake.asked)
    await clear(bench)
    chance = random.Random(19)  # noqa: S311 - moments, not secrets
    waymark = Waymark(migrated(bench.service), fake, tmp_path)
    await killed_and_resumed(bench, waymark, [chance.randint(3, all_asked // 4) for _ in range(10)])
    assert await end_state(bench) == well
