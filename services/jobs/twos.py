"""What two things that a job has are together: a number of their own, in `openings.twos`.

To meet two long lists of openings, those in Hà Nội and those that ask for Java, costs more than to
read the short one of those that do both. So each two of a skill, a category and a city have one.
"""

KINDS = ("skill", "category", "city")
_SPREAD, _NUMBERS = 2_654_435_761, 2**31


def two_of(lesser: str, greater: str) -> str:
    """Return the SQL for the number of two facets, which are SQL too."""
    sql = f"(CAST({lesser} AS bigint) * {_SPREAD} + {greater}) % {_NUMBERS}"
    return f"CAST({sql} AS integer)"


def two(lesser: int, greater: int) -> int:
    """Return the number of two facets; hardly ever others have the same."""
    return (lesser * _SPREAD + greater) % _NUMBERS
