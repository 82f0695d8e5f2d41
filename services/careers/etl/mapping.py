"""From what is staged of an occupation to its dossier; pure.

Each source's adapter says what it knows; the mode says whose word goes before. So a source may
complete another: BLS the openings, My Next Move the outlook's label, OnLine the ratings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from services.careers.etl import bls, derived, files, v2, v19
from services.careers.etl.shape import (
    Adapter,
    Dossier,
    Format,
    Header,
    Ksa,
    Mode,
    Outlook,
    Prep,
    Sections,
    Source,
    Title,
)
from services.careers.rules import ONET_DATABASE, ONET_WEB_SERVICES

ADAPTERS: dict[tuple[Source, Format], Adapter] = {
    (Source.FILES, "text"): files.dossier,
    (Source.BLS, "text"): bls.dossier,
    (Source.MNM, "v2"): v2.mnm,
    (Source.ONLINE, "v2"): v2.online,
    (Source.MNM, "v1.9"): v19.mnm,
    (Source.ONLINE, "v1.9"): v19.online,
}
ORDER: Final[dict[Mode, tuple[Source, ...]]] = {
    Mode.FILES: (Source.FILES, Source.ONLINE, Source.MNM, Source.BLS),
    Mode.MNM: (Source.MNM, Source.ONLINE, Source.FILES, Source.BLS),
    Mode.ONLINE: (Source.ONLINE, Source.MNM, Source.FILES, Source.BLS),
    Mode.HYBRID: (Source.ONLINE, Source.MNM, Source.FILES, Source.BLS),
}
"""Whose word goes before whose."""
_ORIGIN = {
    Source.FILES: ONET_DATABASE,
    Source.ONLINE: ONET_WEB_SERVICES,
    Source.MNM: ONET_WEB_SERVICES,
}
_KSA_ORDER = ("knowledge", "skill", "ability")
_PARTS = tuple(part.name for part in fields(Dossier) if part.name != "onet_code")


@dataclass(frozen=True, slots=True)
class Staged:
    """What a source says of an occupation."""

    format: Format
    release: str
    sections: Sections


def dossier_of(code: str, mode: Mode, staged: Mapping[Source, Staged]) -> Dossier:
    """Merge what is staged of an occupation; the sources' order is the mode's.

    Raises:
        KeyError, TypeError, ValueError: a source answers in a shape that is not known here.
    """
    told = {
        source: _told(code, source, staged[source]) for source in ORDER[mode] if source in staged
    }
    tasks_of = next((source for source in told if told[source].tasks), None)
    merged = _merge(code, told.values())
    if tasks_of is Source.MNM and merged.header is not None:
        tasks = derived.completed(merged.tasks or (), merged.header.short_desc_en or "")
        merged = replace(merged, tasks=tasks)
    paid = told.get(Source.BLS)
    return replace(
        merged,
        titles=_titles(told.values()),
        ksas=_ordered(merged.ksas),
        wages_us=merged.wages_us if paid is None else paid.wages_us or merged.wages_us,
    )


def _told(code: str, source: Source, staged: Staged) -> Dossier:
    found = ADAPTERS[source, staged.format](code, staged.sections)
    if found.header is None or source not in _ORIGIN:
        return found
    header = replace(found.header, source=_ORIGIN[source], source_version=staged.release)
    return replace(found, header=header)


def _merge(code: str, told: Iterable[Dossier]) -> Dossier:
    """Take each part from the first that has it; of single ones the gaps from the next."""
    merged = Dossier(code)
    for one in told:
        parts = {name: _first(getattr(merged, name), getattr(one, name)) for name in _PARTS}
        merged = replace(merged, **parts)
    return merged


def _first(mine: Any, other: Any) -> Any:
    if mine is None or other is None:
        return other if mine is None else mine
    if isinstance(mine, Header | Prep | Outlook):
        gaps = [part.name for part in fields(mine) if getattr(mine, part.name) is None]
        return replace(mine, **{name: getattr(other, name) for name in gaps})
    return mine


def _titles(told: Iterable[Dossier]) -> tuple[Title, ...] | None:
    """Unite the titles: OnLine lists them, My Next Move says which ones it shows."""
    found: dict[tuple[str, str, str | None], Title] = {}
    for one in told:
        for title in one.titles or ():
            key = (title.title, title.kind, title.short_title)
            known = found.setdefault(key, title)
            if title.in_mnm and not known.in_mnm:
                found[key] = replace(known, in_mnm=True)
    return tuple(found.values()) or None


def _ordered(ksas: tuple[Ksa, ...] | None) -> tuple[Ksa, ...] | None:
    """Order by type; the rated by rating and name, the others as their source has them."""
    return None if ksas is None else tuple(sorted(ksas, key=_place))


def _place(ksa: Ksa) -> tuple[int, int, str]:
    kind = _KSA_ORDER.index(ksa.ksa_type)
    return (kind, 0, "") if ksa.rating is None else (kind, -ksa.rating, ksa.name)
