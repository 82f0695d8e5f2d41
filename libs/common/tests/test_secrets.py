"""Keys derived from the one secret: set, or made once."""

import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from libs.common.secrets import derived, made_once
from libs.common.settings import CommonSettings

SECRET = "correct horse battery staple, and then some"


def settings(**given: Any) -> CommonSettings:
    return CommonSettings(**given)


def test_a_key_of_its_own_for_each_purpose(tmp_path: Path) -> None:
    for given in (settings(data_dir=tmp_path), settings(secret_key=SECRET)):
        files, codes = derived(given, "files"), derived(given, "codes")
        assert len(files) == len(codes) == 32
        assert files != codes
        assert derived(given, "files") == files


def test_the_setting_counts_not_the_folder(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    assert derived(settings(data_dir=here), "files") != derived(settings(data_dir=there), "files")
    set_here = derived(settings(data_dir=here, secret_key=SECRET), "files")
    assert derived(settings(data_dir=there, secret_key=SECRET), "files") == set_here
    assert derived(settings(secret_key=SECRET + "!"), "files") != set_here


def test_the_secret_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    derived(settings(data_dir=tmp_path), "files")
    [file] = (tmp_path / "keys").iterdir()
    assert (file.name, file.stat().st_size, file.stat().st_mode & 0o777) == ("secret", 32, 0o600)


def test_a_short_secret_is_refused_and_not_shown() -> None:
    with pytest.raises(ValidationError) as refused:
        settings(secret_key="tooshort")
    assert "tooshort" not in str(refused.value)


def test_many_at_once_make_one(tmp_path: Path) -> None:
    seen: list[bytes] = []
    start = threading.Barrier(8)

    def make(number: int) -> None:
        start.wait()
        seen.append(made_once(tmp_path / "keys" / "secret", lambda: bytes([number]) * 32))

    threads = [threading.Thread(target=make, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["secret"]
