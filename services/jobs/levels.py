"""How high a job or a candidate stands, read out of the words that people use for it."""

import re

from libs.common.text import fold

_LADDER = (
    r"intern(ship)?|trainee|thuc tap( sinh)?",
    r"fresher|entry|graduate|moi (ra truong|tot nghiep)|chua co kinh nghiem",
    r"junior|jr",
    r"mid|middle|intermediate|nhan vien|chuyen vien",
    r"senior|sr|expert|chuyen gia|cao cap",
    r"lead|leader|principal|architect|truong nhom",
    r"manager|head|quan ly|truong phong|pho phong",
    r"director|chief|executive|vp|c[efimopt]o|(pho )?giam doc",
)
"""From the lowest rung to the highest."""
_RUNGS = [re.compile(rf"\b({words})\b") for words in _LADDER]
_YEARS = re.compile(r"\b(\d{1,2})\s*\+?\s*(?:[-–]\s*\d+\s*)?(?:years?|yrs?|nam)\b")
_UP_TO_YEARS = ((1, 1), (2, 2), (5, 3))


def rung_of(level: str) -> int | None:
    """Return the rung of a level, 0 (intern) to 7 (director), None where its words say none.

    The highest that is named counts: `Senior Manager` is a manager. Years stand for a rung too.
    """
    words = fold(level)
    named = (rung for rung, each in reversed([*enumerate(_RUNGS)]) if each.search(words))
    if (rung := next(named, None)) is not None:
        return rung
    years = _YEARS.search(words)
    return rung_of_years(int(years[1])) if years else None


def rung_of_years(years: int) -> int:
    """Return the rung that so much experience stands for: fresher to senior."""
    return next((rung for below, rung in _UP_TO_YEARS if years < below), 4)
