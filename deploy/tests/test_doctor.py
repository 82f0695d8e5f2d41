"""What the doctor, and a start, say of settings that are wrong, and of keys that are gone."""

import base64
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.doctor import examine
from deploy.services import SERVICES
from deploy.settings import DeploySettings
from deploy.tests.commands import ended
from deploy.tests.systems import free_ports
from libs.common.service import Service
from libs.common.testing import BenchOf
from services.auth.settings import settings as auth_settings

KEY = base64.b64encode(bytes(32)).decode()
WRONG = [
    {
        "MAIL_FROM": ("Waymark", "must be one address, such as"),
        "SECRET_KEY": ("your-super-secret-key-change-in-production", "this one is published"),
    },
    {
        "ENCRYPTION_KEYS": ("short", "each key is 32 bytes in base64"),
        "JWT_ACCESS_TOKEN_EXPIRE_MINUTES": ("0", "Input should be greater than or equal to 1"),
    },
    {"STORAGE_URL": ("ftp://127.0.0.1/files", "")},
]
"""Settings that are read at once, each with a wrong value and what is said of it."""


@pytest.mark.parametrize("wrong", WRONG, ids=",".join)
@pytest.mark.parametrize("command", ["doctor", "up"])
def test_a_wrong_setting_is_told_at_once(
    tmp_path: Path, command: str, wrong: dict[str, tuple[str, str]]
) -> None:
    said = refused(command, tmp_path, **{name: value for name, (value, _) in wrong.items()})
    for name, (_, why) in wrong.items():
        assert f"{name}: {why}" in said


@pytest.mark.parametrize("command", ["doctor", "up"])
def test_a_data_folder_that_is_a_file_is_told(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").touch()
    said = refused(command, tmp_path / "file")
    assert "MEND  DATA_DIR" in said or "cannot be made" in said


def refused(command: str, data_dir: Path, **environment: str) -> str:
    """Return what a command says that ends in vain."""
    code, said = ended([command], _environment(data_dir) | environment)
    assert (code, "Traceback" in said) == (1, False), said
    return said


def _environment(data_dir: Path) -> dict[str, str]:
    [port] = free_ports(1)
    return {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir), "PORT": str(port)}


def test_commands_before_a_first_start_say_what_comes_first() -> None:
    """Not in tmp_path, which pytest closes to the user that root's server runs as."""
    with tempfile.TemporaryDirectory(prefix="waymark-test-") as folder:
        for command, code, said in (
            (("dead", "careers"), 1, "Try `waymark migrate`"),
            (("migrate",), 0, "up to date"),
            (("dead", "careers"), 0, "0 dead letters"),
        ):
            exit_code, told = ended(command, _environment(Path(folder) / "data"))
            assert (exit_code, said in told) == (code, True), told


async def test_a_key_that_is_gone_is_missed(
    bench_of: BenchOf,
    migrated: Callable[[Service], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    auth = await bench_of(SERVICES["auth"])
    new = {"email": "x@email.com", "name": "X", "password": "Waymark123!"}
    assert (await auth.client.post("/api/v1/auth/register", json=new)).status_code == 201
    async with auth.db.write() as session:
        sealed = "UPDATE persons SET ssn_sealed = 'x', ssn_key_id = '0123456789abcdef'"
        await session.execute(text(sealed))
    monkeypatch.setenv("ENCRYPTION_KEYS", KEY)
    auth_settings.cache_clear()
    url = migrated(SERVICES["auth"]).replace("postgresql+psycopg", "postgresql")
    found = await examine(DeploySettings(database_url=url, data_dir=tmp_path))
    auth_settings.cache_clear()
    [fault] = [finding for finding in found if finding.subject == "auth"]
    assert not fault.ok
    assert fault.text.startswith("identity numbers under key 0123456789abcdef: 1. ")


async def test_a_database_that_cannot_be_asked_is_one_fault(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    found = await examine(DeploySettings(database_url=nowhere, data_dir=tmp_path))
    assert [finding.subject for finding in found if not finding.ok] == ["DATABASE_URL"]
