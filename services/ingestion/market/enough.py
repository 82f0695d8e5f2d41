"""When a number says something: not of fewer than ten postings; pure."""

LEAST = 10
"""Postings."""
TOO_FEW = "TOO_FEW_POSTINGS"


def reason(postings: int) -> str | None:
    """Return why there is no number, None where there is one."""
    return TOO_FEW if postings < LEAST else None


def percentage(part: int, postings: int) -> float:
    """Return a share in percent, to a tenth."""
    return round(100 * part / postings, 1)
