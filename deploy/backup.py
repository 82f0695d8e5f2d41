"""A backup of one installation in a folder, and the way back: database, keys, stored files.

PostgreSQL's own `pg_dump` and `pg_restore` do the work, those of the embedded wheel or of the
machine. Objects in an S3 bucket are not in it: buckets have their own ways to be kept.
"""

import os
import shutil
import subprocess
from pathlib import Path
from shutil import which

import orjson
import psycopg
from psycopg.conninfo import conninfo_to_dict

from deploy.embedded import EmbeddedError, find_programs
from deploy.services import SERVICES
from libs.common import clock
from libs.common.migrations import ensure_roles

DUMP, ABOUT = "database.dump", "backup.json"
FOLDERS = ("keys", "files")
"""What is kept of `DATA_DIR`."""


class BackupRefused(RuntimeError):
    """What was asked for would overwrite something or cannot be done; says what to do."""


def back_up(url: str, data_dir: Path, target: Path, version: str) -> None:
    """Write a backup to the new folder `target`; the installation may be running.

    The database is as of one instant; files that came later are in it too. It appears under its
    name only when it is whole.

    Raises:
        BackupRefused: `target` is there already, or a program of PostgreSQL failed.
    """
    if target.exists():
        raise BackupRefused(f"{target} is there already: name a new folder")
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    schemas = [f"--schema={name}" for name in SERVICES]
    _run(url, "pg_dump", "--format=custom", "--no-comments", f"--file={partial / DUMP}", *schemas)
    for name in FOLDERS:
        if (data_dir / name).is_dir():
            shutil.copytree(data_dir / name, partial / name)
    about = {"version": version, "made_at": clock.now()}
    (partial / ABOUT).write_bytes(orjson.dumps(about, option=orjson.OPT_UTC_Z))
    partial.rename(target)


def restore(url: str, data_dir: Path, source: Path) -> None:
    """Load a backup into a database that has no schema of ours and a `DATA_DIR` without keys.

    All of the database or nothing of it. Afterwards `waymark migrate` brings it to this version.

    Raises:
        BackupRefused: there is no backup, something is there already, or a program failed.
    """
    if not (source / ABOUT).is_file():
        raise BackupRefused(f"{source} holds no backup of Waymark's")
    for name in FOLDERS:
        if (data_dir / name).exists():
            raise BackupRefused(f"{data_dir / name} is there already: restore into a new DATA_DIR")
    with psycopg.connect(url) as connection:
        ours = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", [list(SERVICES)]
        ).fetchall()
    if ours:
        raise BackupRefused("the database has Waymark's schemas already: restore into a new one")
    ensure_roles(url, SERVICES)
    database = str(conninfo_to_dict(url).get("dbname", ""))
    _run(url, "pg_restore", "--single-transaction", f"--dbname={database}", str(source / DUMP))
    for name in FOLDERS:
        if (source / name).is_dir():
            shutil.copytree(source / name, data_dir / name)


def _run(url: str, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's; where the database is it learns from its environment."""
    names = {"dbname": "PGDATABASE", "password": "PGPASSWORD", "user": "PGUSER"}
    known = conninfo_to_dict(url)
    where = {names.get(name, f"PG{name.upper()}"): str(value) for name, value in known.items()}
    command = [_found(program), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, env=os.environ | where)
    if done.returncode != 0:
        raise BackupRefused(f"{program}: {done.stderr.decode(errors='replace').strip()[-500:]}")


def _found(program: str) -> str:
    try:
        return str(find_programs() / program)
    except EmbeddedError:
        found = which(program)
    if found is None:
        raise BackupRefused(f"{program} is not installed: it comes with PostgreSQL's client")
    return found
