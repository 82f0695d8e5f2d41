"""Numbers of identity documents: sealed for one account, under keys that change."""

import base64
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pydantic
import pytest

from services.auth.encryption import Sealed, seal, unseal
from services.auth.errors import Unreadable
from services.auth.settings import settings

SSN = "079098765432"
OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def use_keys(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", keys)
    settings.cache_clear()


def test_a_key_is_made_where_none_is_given(tmp_path: Path) -> None:
    me = uuid4()
    sealed = seal(tmp_path, me, SSN)
    assert unseal(tmp_path, me, sealed) == SSN
    file = tmp_path / "keys" / "encryption"
    assert len(file.read_bytes()) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert SSN.encode() not in sealed.text
    assert seal(tmp_path, me, SSN).text != sealed.text


def test_it_opens_for_no_other_account_and_not_when_changed(tmp_path: Path) -> None:
    me = uuid4()
    sealed = seal(tmp_path, me, SSN)
    with pytest.raises(Unreadable):
        unseal(tmp_path, uuid4(), sealed)
    changed = sealed.text[:-1] + bytes([sealed.text[-1] ^ 1])
    with pytest.raises(Unreadable):
        unseal(tmp_path, me, Sealed(changed, sealed.key_id))


def test_old_keys_open_what_they_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    me = uuid4()
    in_file = seal(tmp_path, me, SSN)
    use_keys(monkeypatch, OLD)
    before = seal(tmp_path, me, SSN)
    use_keys(monkeypatch, f"{NEW}, {OLD}")
    after = seal(tmp_path, me, SSN)
    assert len({in_file.key_id, before.key_id, after.key_id}) == 3
    assert {unseal(tmp_path, me, sealed) for sealed in (in_file, before, after)} == {SSN}
    use_keys(monkeypatch, NEW)
    assert unseal(tmp_path, me, after) == SSN
    with pytest.raises(Unreadable):
        unseal(tmp_path, me, before)


def test_no_file_is_made_where_keys_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_keys(monkeypatch, NEW)
    seal(tmp_path, uuid4(), SSN)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keys", ["short", base64.b64encode(b"x" * 31).decode(), f"{NEW},not it"])
def test_bad_keys_are_refused_and_not_repeated(keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys(monkeypatch, keys)
    with pytest.raises(pydantic.ValidationError) as refused:
        settings()
    assert keys not in str(refused.value)
    assert NEW not in str(refused.value)
