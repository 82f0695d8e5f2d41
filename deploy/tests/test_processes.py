"""`waymark up` as its user meets it: keeps data, ends when told, and says what is wrong."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from deploy.tests.commands import ended
from deploy.tests.systems import WAYMARK, System, first_start, free_ports, one_process

PUBLISHED = "your-super-secret-jwt-key-here-change-in-production"


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    """One that goes on running, whatever is tried beside it."""
    with one_process() as system:
        yield system


def outcome(system: System, *command: str, **settings: str) -> tuple[int, str]:
    """Run a command beside a system; return its exit code and what it said."""
    return ended(command, {**system.environment, **settings})


def started(system: System, *command: str, **settings: str) -> tuple[int, str]:
    """Do the same as a user does, with all that there is to import."""
    done = subprocess.run(
        [*WAYMARK, *command],
        env={**system.environment, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_it_keeps_its_data_whichever_way_it_ends() -> None:
    with first_start(DEMO_DATA="1") as system:
        before = httpx.get(f"{system.url}/api/v1/jobs").json()["data"]
        assert len(before) == 3
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            if number == signal.SIGKILL:
                system.kill("waymark")
            else:
                assert system.stop("waymark", number) == 0
                assert not (system.folder / "postgres/cluster/postmaster.pid").exists()
            system.start("waymark")
            system.wait_ready()
            assert httpx.get(f"{system.url}/api/v1/jobs").json()["data"] == before
            ready = f"Waymark is ready at http://localhost:{system.environment['PORT']}"
            assert ready in system.log("waymark")


def test_answers_are_on_standard_output_and_logs_beside_them(system: System) -> None:
    done = subprocess.run(
        [*WAYMARK, "migrate"],
        env={**system.environment, "LOG_LEVEL": "DEBUG"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "database, broker and object store are up to date\n"
    assert '"level":"DEBUG"' in done.stderr


@pytest.fixture
def _hears_ctrl_c() -> Iterator[None]:
    """What runs in a shell's background ignores Ctrl-C, and so does what it starts."""
    told = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, told)


@pytest.mark.usefixtures("_hears_ctrl_c")
def test_ctrl_c_while_it_is_still_importing_ends_it_quietly(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "deploy", "up"]
    with subprocess.Popen(
        command,
        env={"DATA_DIR": str(tmp_path), "PATH": "/usr/bin"},
        cwd=Path(__file__).parents[2],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            while "sqlalchemy" not in (line := process.stderr.readline()):
                assert line, "it ended by itself"
            process.send_signal(signal.SIGINT)
            _, rest = process.communicate(timeout=30)
        finally:
            process.kill()
        assert process.returncode == 130
    assert "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []


def test_what_it_keeps_is_for_its_owner_only(system: System) -> None:
    new = {"email": "a@mail.vn", "password": "Password123!", "name": "A"}
    answer = httpx.post(f"{system.url}/api/v1/auth/register", json=new)
    assert answer.status_code == 201
    deadline = time.monotonic() + 10
    while not (mails := list(system.mail.glob("*.eml"))):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    private = [system.mail, *mails, system.folder / "keys", *(system.folder / "keys").iterdir()]
    assert {path.stat().st_mode & 0o077 for path in private} == {0}


def test_what_is_wrong_is_said_in_a_sentence(system: System) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, text = outcome(system, "up", PORT=str(free_ports(1)[0]))
        assert code == 1
        assert "is in use by process" in text
        assert str(system.folder) in text
        code, text = outcome(system, "up", PORT=str(taken.getsockname()[1]))
        assert code == 1
        assert "cannot listen on" in text
        code, text = outcome(system, "service", "jobs", DATABASE_URL=system.database_url)
        assert code == 1
        assert "RABBITMQ_URL" in text
        assert "Traceback" not in text


def test_the_doctor_finds_what_to_mend(system: System) -> None:
    well = {"DATABASE_URL": system.database_url}
    code, text = started(system, "doctor", **well)
    assert (code, text.count("MEND")) == (0, 0), text
    ill = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "RABBITMQ_URL": "amqp://127.0.0.1:1/",
        "SMTP_URL": "smtp://127.0.0.1:1",
        "ENVIRONMENT": "production",
        "DEMO_DATA": "1",
        "RATE_LIMIT_SCALE": "0",
        "STORAGE_URL": "s3://none/",
        "STORAGE_ENDPOINT": "http://127.0.0.1:1",
    }
    code, text = outcome(system, "doctor", **ill)
    assert (code, text.count("MEND")) == (1, 5), text
    for named in ("DATABASE_URL", "RABBITMQ_URL", "SMTP_URL", "STORAGE_URL", "DEMO_DATA=0"):
        assert named in text
    code, text = outcome(system, "up", ENVIRONMENT="production", DEMO_DATA="1")
    assert code == 1
    assert "production wants DEMO_DATA=0" in text
    assert "SMTP_URL" in text
    code, text = outcome(system, "gateway", ENVIRONMENT="production", RATE_LIMIT_SCALE="0")
    assert code == 1
    assert "RATE_LIMIT_SCALE above 0" in text


def test_wrong_settings_and_an_absent_database_are_said_in_a_sentence(system: System) -> None:
    absent = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    for command, settings, said in (
        (("up",), {"PORT": "abc"}, "PORT"),
        (("migrate",), {"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
        (("doctor",), {"JWT_ALGORITHM": "HS256"}, "JWT_SECRET_KEY: JWT_ALGORITHM=HS256 needs"),
        (("up",), {"JWT_SECRET_KEY": PUBLISHED}, "JWT_SECRET_KEY: this one is published"),
        (("migrate",), absent, "database"),
        (("dead",), absent, "database"),
        (("careers", "etl", "--mode", "FILES", "--path", "/none"), {}, "/none"),
    ):
        code, text = outcome(system, *command, **settings)
        assert code != 0
        assert said in text
        assert "Traceback" not in text, text


def test_help_needs_no_database(tmp_path: Path) -> None:
    nowhere = {"PATH": "/usr/bin", "DATA_DIR": str(tmp_path / "none")}
    for command in ((), ("up",), ("careers", "etl"), ("ingestion", "import"), ("admin", "create")):
        code, text = ended((*command, "--help"), nowhere)
        assert (code, "Usage:" in text) == (0, True), text
    assert not (tmp_path / "none").exists()


def test_dead_letters_are_listed_and_replayed(system: System) -> None:
    """Beside a running system, whose database the commands share."""
    with psycopg.connect(system.database_url) as connection:
        connection.execute(
            "INSERT INTO auth.inbox (message_id, handler, name, body, state, attempts, error)"
            " VALUES (gen_random_uuid(), 'gone', 'mail.requested', '{}', 'dead', 8, 'no server')"
        )
        connection.commit()
        code, text = started(system, "dead", "auth")
        assert code == 0
        assert "mail.requested -> gone  8 attempts  no server" in text
        assert text.endswith("1 dead letters\n")
        assert started(system, "replay", "auth")[0] == 0
        found = connection.execute("SELECT state, attempts FROM auth.inbox WHERE handler = 'gone'")
        assert found.fetchone() == ("waiting", 0)
