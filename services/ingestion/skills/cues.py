"""The words of `cues.toml`."""

import tomllib
from pathlib import Path

CUES: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in tomllib.loads(
        Path(__file__).with_name("cues.toml").read_text("utf-8")
    ).items()
}
"""By what they tell, in small letters."""
