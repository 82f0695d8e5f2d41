"""Message catalogues: one TOML file a language, a service's own laid over the common one."""

import tomllib
from collections import ChainMap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from libs.common.context import LANGUAGES, Language, language

_COMMON = Path(__file__).parent / "messages"


class Catalogue:
    """What the system says, by language and key.

    A file has three tables: `[messages]` keyed by route name, `[errors]` keyed by error code,
    `[problems]` of single fields, see `say_problem`.
    """

    def __init__(self, *folders: Path) -> None:
        layers = [*reversed(folders), _COMMON]
        self._texts: dict[Language, Mapping[str, str]] = {
            lang: ChainMap(*(_read(folder / f"{lang}.toml") for folder in layers))
            for lang in LANGUAGES
        }

    def say(self, key: str, **values: object) -> str:
        """Return the text of `key` (`messages.login`, `errors.NOT_FOUND`) in the caller's language.

        A key without a text gives the key itself: a test holds every route and code to having one.
        """
        text = self._texts[language()].get(key)
        return text.format_map(values) if text else key

    def has(self, key: str) -> bool:
        """Tell whether every language has a text for `key`."""
        return all(key in texts for texts in self._texts.values())


_speaker: ContextVar[Catalogue] = ContextVar("waymark_catalogue")


@contextmanager
def speaking(catalogue: Catalogue) -> Iterator[None]:
    """Let `say` speak out of `catalogue` for a block: one service's request or event."""
    token = _speaker.set(catalogue)
    try:
        yield
    finally:
        _speaker.reset(token)


def say(key: str, **values: object) -> str:
    """Return the text of `key` from the catalogue of the service in hand."""
    return _speaker.get().say(key, **values)


def say_problem(kind: str, text: str, **values: object) -> str:
    """Return what is wrong with a field, in the caller's language; `text` where no text is there.

    Args:
        kind: pydantic's type of error, by which its text is found; but a `value_error` is ours,
            and found by its own words as far as the first colon: what follows is `{why}`.
        text: the same in English.
        values: what the text may name, such as `ge`.
    """
    if kind == "value_error":
        kind, _, values["why"] = text.partition(": ")
    catalogue, key = _speaker.get(None), f"problems.{kind}"
    return catalogue.say(key, **values) if catalogue and catalogue.has(key) else text


@cache
def _read(file: Path) -> dict[str, str]:
    tables = tomllib.loads(file.read_text("utf-8"))
    return {
        f"{table}.{key}": text for table, texts in tables.items() for key, text in texts.items()
    }
