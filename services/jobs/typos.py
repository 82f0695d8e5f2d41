"""Words that were meant: found among known ones by what is left when letters are left out.

Two words that differ by one letter too many, too few, wrong, or by two that changed places, have a
variant in common; long words may differ twice. An index over variants finds them without looking
at any other word (the "symmetric delete" of spelling correctors), and without an extension.
"""

from collections.abc import Sequence

SHORTEST, LONGEST = 4, 30
"""Letters of a word that is worth correcting."""
BEGINNING = 7
"""Letters of a word's beginning, for those who look for words that are being typed."""
_LONG = 8


def variants_of(word: str) -> str:
    """Return the SQL for an array of a word's variants: itself, and with letters left out."""
    second = f"CASE WHEN length({word}) < {_LONG} THEN length({word}) + 2 ELSE first + 1 END"
    return f"""ARRAY(
        SELECT DISTINCT left({word}, first - 1) || substr({word}, first + 1, second - first - 1)
            || substr({word}, second + 1)
        FROM generate_series(1, length({word}) + 1) AS first,
            generate_series({second}, length({word}) + 2) AS second
    )"""  # noqa: S608 - put together of constants


def closest(typed: str, known: Sequence[str], *, unfinished: bool = False) -> list[str]:
    """Return the known words that `typed` is most likely a slip of, five at most.

    One slip is a letter too many, too few or wrong, or two that changed places; long words may
    have two. Of what is `unfinished`, more may follow.
    """
    rows = ((_distances(typed, word), word) for word in known)
    distances = sorted((min(row) if unfinished else row[-1], word) for row, word in rows)
    slips = min(distances[0][0], 1 if len(typed) < _LONG else 2) if distances else 0
    return [word for distance, word in distances if distance <= slips][:5]


def _distances(one: str, other: str) -> list[int]:
    """Return how many letters to add, drop, change or swap (optimal string alignment).

    The last is from one to the other; those before, to the other's beginnings.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one):
        before, last, row = row, before, [i + 1]
        for j, beside in enumerate(other):
            row.append(min(before[j] + (letter != beside), before[j + 1] + 1, row[j] + 1))
            if i and j and letter == other[j - 1] and one[i - 1] == beside:
                row[j + 1] = min(row[j + 1], last[j - 1] + 1)
    return row
