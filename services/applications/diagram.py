"""The way of an application, drawn: `python -m services.applications.diagram` renews the docs.

It is made of the table of moves, `MOVES` in rules.py, and of nothing else.
"""

import re
from pathlib import Path

from services.applications.rules import MOVES, Status

DOCS = Path(__file__).parents[2] / "docs" / "applications.md"
_DRAWN = re.compile(r"(?<=```mermaid\n).*?(?=\n```)", re.S)


def state_diagram() -> str:
    """Return the moves as a Mermaid state diagram, each with who makes it."""
    ways = [
        f"    {present} --> {to}: {who}"
        for present, ways in MOVES.items()
        for to, who in ways.items()
    ]
    ends = [f"    {status} --> [*]" for status, ways in MOVES.items() if not ways]
    begin = f"    [*] --> {Status.APPLIED}: the candidate applies"
    return "\n".join(["stateDiagram-v2", begin, *ways, *ends])


def renewed(text: str) -> str:
    """Return the docs with the drawing as it is now."""
    return _DRAWN.sub(state_diagram(), text)


if __name__ == "__main__":
    DOCS.write_text(renewed(DOCS.read_text("utf-8")), "utf-8")
