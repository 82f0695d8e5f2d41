"""RabbitMQ for tests and benchmarks: a node of our own that may be killed, or what there is."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docker.errors import DockerException
from testcontainers.core.config import ConnectionMode, testcontainers_config
from testcontainers.core.container import DockerContainer

# Debian's script in PATH would change folder, user and log; the one behind it does as it is told
DEBIAN_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
IMAGE = "rabbitmq:3-management"
AMQP = 5672
DOCKER_SOCKET = "unix:///var/run/docker.sock"
READY_WITHIN = 90.0  # seconds
STOP_WITHIN = 20.0  # seconds
FETCH_WITHIN = 300.0  # seconds for an image or a package


class NoBroker(RuntimeError):
    """No RabbitMQ can be had here; the text says what was tried."""


class Broker:
    """A running RabbitMQ and its AMQP URL."""

    def __init__(self, url: str) -> None:
        self.url = url


class RabbitNode(Broker):
    """An own RabbitMQ, with ports, name, cookie, data, logs and epmd of its own in ``base_dir``.

    It may be stopped or killed and started again on the same data and port. All calls block.
    """

    def __init__(self, base_dir: Path) -> None:
        self._base_dir = base_dir.resolve()
        self._port, self._peer_port, self._epmd_port = _free_ports(3)
        self._epmd: subprocess.Popen[bytes] | None = None
        self._beam: subprocess.Popen[bytes] | None = None
        super().__init__(f"amqp://guest:guest@127.0.0.1:{self._port}/")

    @property
    def pids(self) -> list[int]:
        """The broker's process and its epmd's, as far as they run."""
        return [p.pid for p in (self._beam, self._epmd) if p is not None and p.poll() is None]

    def start(self) -> None:
        """Starts the broker; `wait_ready` says when it takes connections."""
        assert self._beam is None, "it runs already"
        program = _server_program()
        if program is None:
            raise NoBroker(
                "no rabbitmq-server on this machine: install the package rabbitmq-server"
            )
        self._base_dir.mkdir(parents=True, exist_ok=True)
        (self._base_dir / "plugins").touch()
        if self._epmd is None:
            self._epmd = self._spawn("epmd", "-port", str(self._epmd_port))
        self._beam = self._spawn(str(program))

    def wait_ready(self, timeout: float = READY_WITHIN) -> None:
        """Returns once the broker greets an AMQP client; `NoBroker` after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self._beam is None or self._beam.poll() is not None:
                break
            if _greets("127.0.0.1", self._port):
                return
            time.sleep(0.05)
        raise NoBroker(f"rabbitmq-server did not start: see {self._base_dir}/*.out and log/")

    def stop(self) -> None:
        """Shuts the broker down as an operator would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: the broker crashes, losing what it had not written."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """Ends the broker and its epmd; the data stay where they are."""
        self.kill()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait()
            self._epmd = None

    def _end(self, request: signal.Signals) -> None:
        if self._beam is None:
            return
        self._beam.send_signal(request)
        try:
            self._beam.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._beam.kill()
            self._beam.wait()
        self._beam = None

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        """In a session of its own, so that the terminal's Ctrl-C is for us to pass on."""
        with (self._base_dir / f"{Path(program).name}.out").open("ab") as output:
            return subprocess.Popen(
                [program, *arguments], env=self._environment(), cwd=self._base_dir,
                start_new_session=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        """Nothing of the machine's own RabbitMQ: its settings, ports, cookie and plugins."""
        base = self._base_dir
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(base),  # where Erlang keeps its cookie
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "detached": "1",  # the script becomes the broker: its pid is the one to kill
            "RABBITMQ_NODENAME": f"waymark{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(self._peer_port),
            "RABBITMQ_MNESIA_BASE": str(base / "data"),
            "RABBITMQ_LOG_BASE": str(base / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(base / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(base / "none"),
            "RABBITMQ_CONF_ENV_FILE": str(base / "none"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "+S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}"
            ),
        }


@contextmanager
def rabbitmq_node(base_dir: Path) -> Iterator[RabbitNode]:
    """A ready node in ``base_dir``, ended with the context; installed first where that is allowed.

    `NoBroker` where it cannot be had or does not start.
    """
    if _server_program() is None:
        _install_server()
    node = RabbitNode(base_dir)
    try:
        node.start()
        node.wait_ready()
        yield node
    finally:
        node.close()


@contextmanager
def find_or_start_rabbitmq() -> Iterator[Broker]:
    """The first that can be had of: `RABBITMQ_URL`, a container, a local node, an installed one.

    `NoBroker` where none can.
    """
    if url := os.environ.get("RABBITMQ_URL"):
        yield Broker(url)
        return
    if container := _start_container():
        try:
            yield _container_broker(container)
        finally:
            container.stop()
            container.get_docker_client().client.close()
        return
    with (
        tempfile.TemporaryDirectory(prefix="waymark-rabbitmq-") as folder,
        rabbitmq_node(Path(folder)) as node,
    ):
        yield node


def _server_program() -> Path | None:
    if DEBIAN_SERVER.exists():
        return DEBIAN_SERVER
    found = shutil.which("rabbitmq-server")
    return Path(found) if found else None


def _install_server() -> None:
    """By the package manager, where it lets us; without starting the machine's own broker."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NoBroker(
            "no RABBITMQ_URL, no Docker, no rabbitmq-server, and no right to install one"
        )
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = ["install", "--yes", "--no-install-recommends", "rabbitmq-server"]
    try:
        for arguments in (["update"], install):
            subprocess.run(
                ["apt-get", "-qq", *arguments], env=environment, check=True,
                capture_output=True, text=True, timeout=FETCH_WITHIN,
            )  # fmt: skip
    except subprocess.CalledProcessError as error:
        raise NoBroker(f"apt-get could not install rabbitmq-server: {error.stderr}") from error
    except subprocess.TimeoutExpired as error:
        raise NoBroker("apt-get did not install rabbitmq-server in time") from error


def _start_container() -> DockerContainer | None:
    """A running broker; None where Docker does not answer or the image cannot be had."""
    if not _docker_answers():
        return None
    testcontainers_config.ryuk_disabled = True  # it would be one more image to fetch
    testcontainers_config.connection_mode_override = ConnectionMode.docker_host
    container = DockerContainer(IMAGE).with_exposed_ports(AMQP)
    try:
        return container.start()
    except (DockerException, OSError):
        container.get_docker_client().client.close()
        return None


def _docker_answers() -> bool:
    """Asked before its client, which leaves a socket open when nobody answers."""
    host = os.environ.get("DOCKER_HOST", DOCKER_SOCKET)
    if not host.startswith("unix://"):
        return True
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(host.removeprefix("unix://"))
        except OSError:
            return False
        return True


def _container_broker(container: DockerContainer) -> Broker:
    host, port = container.get_container_host_ip(), int(container.get_exposed_port(AMQP))
    deadline = time.monotonic() + READY_WITHIN
    while not _greets(host, port):
        if time.monotonic() > deadline:
            raise NoBroker(f"the container of {IMAGE} did not become ready")
        time.sleep(0.1)
    return Broker(f"amqp://guest:guest@{host}:{port}/")


def _greets(host: str, port: int) -> bool:
    """Whether an AMQP 0-9-1 server answers a client's protocol header with a method frame."""
    try:
        with socket.create_connection((host, port), timeout=1) as client:
            client.sendall(b"AMQP\x00\x00\x09\x01")
            return client.recv(1) == b"\x01"
    except OSError:
        return False


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()
