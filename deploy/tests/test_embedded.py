"""The embedded PostgreSQL against real servers, real signals and real kills."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, text

from deploy.embedded import AlreadyRunning, EmbeddedError, embedded_postgres, running_on

OWNER = """
import sys, time
from pathlib import Path
from deploy.embedded import embedded_postgres
with embedded_postgres(Path(sys.argv[1])) as url:
    print(url, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Not tmp_path: pytest keeps closing its folders to the user that root's server runs as."""
    folder = Path(tempfile.mkdtemp(prefix="waymark-test-"))
    yield folder / "data"
    shutil.rmtree(folder)


def servers(data_dir: Path) -> list[int]:
    """Pids of the postmasters that run on this folder, whoever started them."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "-D" in command and str(data_dir / "cluster") in command:
            found.append(process.pid)
    return found


def start_owner(data_dir: Path) -> tuple[subprocess.Popen[str], str]:
    """A process of its own that holds the context, and the URL that it prints."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert owner.stdout is not None
    return owner, owner.stdout.readline().strip()


def end(owner: subprocess.Popen[str], number: int) -> int:
    os.killpg(owner.pid, number)
    code = owner.wait(10)
    assert owner.stdout is not None
    owner.stdout.close()
    return code


def test_data_survives_a_second_start_and_nothing_is_left_running(data_dir: Path) -> None:
    with embedded_postgres(data_dir) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'Đà Nẵng' AS city")
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
    assert servers(data_dir) == []
    assert not (data_dir / "run").exists()
    with embedded_postgres(data_dir) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT city FROM kept").fetchone() == ("Đà Nẵng",)


def test_sqlalchemy_connects_and_vietnamese_letters_are_letters(data_dir: Path) -> None:
    with embedded_postgres(data_dir, durable=False) as url:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            connection.execute(text("CREATE EXTENSION pg_trgm"))
            found = connection.execute(
                text("SELECT current_setting('fsync'), lower('ĐẦU'), similarity('đầu', 'ĐẦU')")
            ).one()
        engine.dispose()
    assert tuple(found) == ("off", "đầu", 1.0)


def test_second_start_at_the_same_time_names_folder_and_pid(data_dir: Path) -> None:
    with embedded_postgres(data_dir, durable=False) as url:
        with pytest.raises(AlreadyRunning) as refused, embedded_postgres(data_dir):
            pass
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert str(data_dir) in str(refused.value)
    assert f"process {os.getpid()}" in str(refused.value)


def test_a_start_after_sigkill_finds_the_data_and_stops_the_orphan(data_dir: Path) -> None:
    owner, url = start_owner(data_dir)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    end(owner, signal.SIGKILL)
    orphan = servers(data_dir)
    assert len(orphan) == 1

    with embedded_postgres(data_dir) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
        assert len(servers(data_dir)) == 1
        assert servers(data_dir) != orphan


def test_a_start_after_everything_was_killed_recovers(data_dir: Path) -> None:
    """Also where the number in the stale pid file belongs to another process by now."""
    owner, url = start_owner(data_dir)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    end(owner, signal.SIGKILL)
    for pid in servers(data_dir):
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=10)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        pid_file = data_dir / "cluster" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")

        with embedded_postgres(data_dir) as url, psycopg.connect(url) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, -signal.SIGINT)]
)
def test_signals_stop_the_server_with_its_owner(data_dir: Path, number: int, code: int) -> None:
    """Sent to the whole group, as a terminal does, with a client still connected."""
    owner, url = start_owner(data_dir)
    client = psycopg.connect(url)
    began = time.monotonic()
    assert end(owner, number) == code
    assert time.monotonic() - began < 5
    assert servers(data_dir) == []
    client.close()


@pytest.mark.parametrize("name", ["long-" * 30, "a, b: c"])
def test_folders_that_no_socket_can_lie_in(data_dir: Path, name: str) -> None:
    with (
        embedded_postgres(data_dir / name, durable=False) as url,
        psycopg.connect(url) as connection,
    ):
        sockets = Path(connection.info.host)
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not sockets.exists()


def test_a_half_made_cluster_is_made_anew(data_dir: Path) -> None:
    (data_dir / "cluster.new" / "base").mkdir(parents=True)
    with embedded_postgres(data_dir, durable=False) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not (data_dir / "cluster.new").exists()


def test_a_broken_cluster_is_an_error_with_the_servers_words(data_dir: Path) -> None:
    (data_dir / "cluster").mkdir(parents=True)
    with pytest.raises(EmbeddedError, match=r"postgres\.log"), embedded_postgres(data_dir):
        pass


def test_the_log_quotes_nobody(data_dir: Path) -> None:
    """Neither rows nor statements: what goes wrong in them is for who sent them to know."""
    wrong = [
        "INSERT INTO people VALUES ('hoang@email.com')",
        "SELECT 'hoang@email.com'::int",
        "DO $$BEGIN RAISE WARNING 'hoang@email.com'; END$$",
    ]
    with (
        embedded_postgres(data_dir, durable=False) as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        connection.execute("CREATE TABLE people AS SELECT 'hoang@email.com' AS email")
        connection.execute("CREATE UNIQUE INDEX ON people (email)")
        for statement in wrong[:2]:
            with pytest.raises(psycopg.Error, match=r"hoang@email\.com"):
                connection.execute(statement)
        connection.execute(wrong[2])
    log = (data_dir / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "hoang" not in log


def test_a_folder_that_cannot_be_made_is_said_and_nobody_runs_on_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "postgres"
    assert running_on(folder) is None
    with pytest.raises(EmbeddedError, match="cannot be made"), embedded_postgres(folder):
        pass


def test_without_the_wheel_the_error_says_what_to_do(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    with pytest.raises(EmbeddedError, match="DATABASE_URL"), embedded_postgres(data_dir):
        pass
