"""The system as `docker compose up` runs it, from a project and volumes of its own.

Where no image registry is reached, `standins/make.sh` makes the images that are not ours.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from deploy.tests.systems import READY_WITHIN, System, free_ports

ROOT = Path(__file__).parents[2]
PROJECT = "waymark-test"
_FILES = (ROOT / "docker-compose.yml", Path(__file__).parent / "containers.yml")
_ONE_SHOT = {"migrate", "seed"}


@dataclass
class Containers(System):
    """A running stack of containers; a process's name is its service's in docker-compose.yml."""

    mail_url: str = ""

    def mails(self, address: str) -> list[str]:
        """Return the texts of the mails to `address`, as Mailpit has caught them."""
        found = httpx.get(f"{self.mail_url}/api/v1/search", params={"query": f"to:{address}"})
        ids = [one["ID"] for one in found.raise_for_status().json()["messages"]]
        return [httpx.get(f"{self.mail_url}/api/v1/message/{i}").json()["Text"] for i in ids]

    def compose(self, *arguments: str) -> str:
        """Run `docker compose …` on this stack; return what it said.

        Raises:
            RuntimeError: it failed; its last words.
        """
        files = [word for file in _FILES for word in ("-f", str(file))]
        options = ["-p", PROJECT, "--env-file", str(self.folder / "env"), *files]
        command = ["docker", "compose", *options, *arguments]
        done = subprocess.run(command, check=False, env=self.environment, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"docker compose {arguments}: {done.stderr.decode()[-3000:]}")
        return done.stdout.decode()

    def run(self, *command: str) -> None:
        """Run one `waymark` command in the container of the auth service."""
        self.compose("exec", "-T", "auth", "python", "-m", "deploy", *command)

    def kill(self, name: str) -> None:
        """SIGKILL a container."""
        self.compose("kill", name)

    def start(self, name: str) -> None:
        """Start a container that was killed."""
        self.compose("start", name)

    def kill_and_start(self, name: str) -> None:
        """SIGKILL a container, and start it again."""
        self.kill(name)
        self.start(name)

    def wait_ready(self) -> None:
        """Return once the gateway says that every service is ready."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise RuntimeError(self.compose("logs", "--tail", "20"))

    def log(self, name: str) -> str:
        """Return the end of what a container wrote."""
        return self.compose("logs", "--no-log-prefix", "--tail", "100", name)

    @property
    def names(self) -> list[str]:
        """Every container that goes on running."""
        return [name for name in self.compose("config", "--services").split()
                if name not in _ONE_SHOT]  # fmt: skip


@contextmanager
def containers(**settings: str) -> Iterator[Containers]:
    """Bring up docker-compose.yml with secrets and volumes of its own; `settings` go into its .env.

    Skips the test where there is no Docker.
    """
    if not _works("docker", "compose", "version"):
        pytest.skip("docker compose is not installed")
    if not _works("docker", "info"):
        pytest.skip("no Docker Engine answers")
    with TemporaryDirectory(prefix="waymark-containers-") as name:
        folder = Path(name)
        subprocess.run([ROOT / "deploy" / "env.sh", folder / "env"], check=True)
        port, mail_port, postgres_port = free_ports(3)
        environment = {**os.environ, "PUBLISH": f"127.0.0.1:{port}", "MAIL_PORT": str(mail_port),
                       "POSTGRES_PORT": str(postgres_port),
                       "PUBLIC_URL": f"http://localhost:{port}", "RATE_LIMIT_SCALE": "0",
                       **settings}  # fmt: skip
        stack = Containers(
            url=f"http://127.0.0.1:{port}",
            database_url=_database_url(folder / "env", postgres_port),
            folder=folder,
            environment=environment,
            commands={},
            mail_url=f"http://127.0.0.1:{mail_port}",
        )
        try:
            stack.compose("up", "--build", "--detach", "--wait")
            yield stack
        finally:
            stack.compose("down", "--volumes", "--timeout", "5")


def _works(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _database_url(env: Path, port: int) -> str:
    lines = env.read_text().splitlines()
    secrets = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    return f"postgresql://waymark:{secrets['POSTGRES_PASSWORD']}@127.0.0.1:{port}/waymark"
