"""The drawing in the docs is the table of moves."""

from services.applications.diagram import DOCS, renewed, state_diagram
from services.applications.rules import MOVES


def test_the_docs_show_the_table() -> None:
    shown = DOCS.read_text("utf-8")
    assert state_diagram() in shown, "renew it: python -m services.applications.diagram"
    assert renewed(shown) == shown


def test_the_drawing_has_each_way_once() -> None:
    lines = state_diagram().splitlines()
    assert len(lines) == len(set(lines))
    assert len([line for line in lines if "[*]" not in line]) == 1 + sum(map(len, MOVES.values()))
    assert "    Interviewed --> Withdrawn: the candidate" in lines
    assert renewed("a\n```mermaid\nold\n```\nb") == f"a\n```mermaid\n{state_diagram()}\n```\nb"
