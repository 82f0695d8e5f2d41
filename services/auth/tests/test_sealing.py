"""Identity numbers whose key is missing, and moving them to the newest key."""

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from libs.common.service import create_app
from libs.common.testing import Bench
from services.auth.cli import commands
from services.auth.commands import sealing
from services.auth.commands.sealing import missing_keys
from services.auth.settings import settings
from services.auth.tests.people import Who, call, candidate
from services.auth.tests.test_encryption import NEW, OLD, SSN, use_keys


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


async def with_numbers(bench: Bench, *names: str) -> list[Who]:
    """Register candidates who tell the numbers of their documents."""
    people = [
        await candidate(bench, email=f"{name}@email.com", username=name, phone=None)
        for name in names
    ]
    for who in people:
        assert (await call(bench, "PUT", "/users/me", who, {"ssn": SSN})).status_code == 200
    return people


async def faults(bench: Bench) -> list[str]:
    async with bench.db.read() as session:
        return list(await missing_keys(session, bench.runtime.settings))


async def reseal(bench: Bench) -> Result:
    """Run the command as `waymark` does: in a loop of its own, hence with a pool of its own."""

    @asynccontextmanager
    async def runtime() -> Any:
        yield bench.runtime
        await bench.db.close()

    await bench.db.close()
    return await asyncio.to_thread(CliRunner().invoke, commands, ["reseal"], obj=runtime)


async def read(bench: Bench, people: list[Who]) -> list[int | str]:
    """Return the number that each of them sees, or the status of the refusal."""
    answers = [await call(bench, "GET", "/users/me", who) for who in people]
    return [
        answer.json()["data"]["ssn"] if answer.is_success else answer.status_code
        for answer in answers
    ]


async def test_numbers_move_to_the_newest_key_so_that_older_ones_may_go(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    people = await with_numbers(bench, "aaa", "bbb")
    use_keys(monkeypatch, OLD)
    people += await with_numbers(bench, "ccc", "ddd", "eee")
    use_keys(monkeypatch, f"{NEW},{OLD}")
    done = await reseal(bench)
    said = "5 identity numbers are under the newest key now.\n"
    assert (done.exit_code, done.output) == (0, said)
    (tmp_path / "keys/encryption").unlink()
    use_keys(monkeypatch, NEW)
    assert await read(bench, people) == [SSN] * 5
    assert await faults(bench) == []
    assert (await reseal(bench)).output.startswith("0 identity numbers")
    assert not (tmp_path / "keys/encryption").exists()


async def test_a_key_that_is_gone_is_missed_as_it_starts_and_by_its_id(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    use_keys(monkeypatch, OLD)
    people = await with_numbers(bench, "aaa", "bbb")
    [row] = await bench.rows("SELECT DISTINCT ssn_key_id AS key FROM persons")
    assert await faults(bench) == []
    use_keys(monkeypatch, NEW)
    [fault] = await faults(bench)
    assert fault.startswith(f"identity numbers under key {row['key']}: 2. ")
    assert await read(bench, people) == [503, 503]
    done = await reseal(bench)
    assert (done.exit_code, fault in done.output) == (1, True)
    app = create_app(bench.service, bench.runtime)
    async with app.router.lifespan_context(app), asyncio.timeout(10):
        while fault not in caplog.messages:
            await asyncio.sleep(0.02)


async def test_what_would_not_open_is_told_and_left_as_it_is(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_keys(monkeypatch, OLD)
    spoilt, well = await with_numbers(bench, "aaa", "bbb")
    async with bench.db.write() as session:
        await session.execute(
            text("UPDATE persons SET ssn_sealed = ssn_sealed || '\\x00' WHERE account_id = :id"),
            {"id": spoilt[1]},
        )
    use_keys(monkeypatch, f"{NEW},{OLD}")
    done = await reseal(bench)
    assert done.exit_code == 1
    assert "1 identity numbers are under the newest key now." in done.output
    assert "1 would not open: the log names the accounts" in done.output
    use_keys(monkeypatch, NEW)
    assert await read(bench, [well]) == [SSN]
