"""HTML as plain text: what a posting says, without its dress."""

import re
from html import unescape
from html.parser import HTMLParser

_BLOCKS = {"p", "div", "br", "ul", "ol", "li", "tr", "table", "section", "article", "header"}
_BLOCKS |= {"footer", "blockquote", "pre", "hr", *(f"h{level}" for level in range(1, 7))}
_UNSEEN = {"script", "style", "template", "title"}


class _Text(HTMLParser):
    """Gathers the text of a document."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Begin a line at a block, and an item with a dash."""
        self._hidden += tag in _UNSEEN
        if tag in _BLOCKS:
            self.parts.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        """End a line with its block."""
        self._hidden = max(0, self._hidden - (tag in _UNSEEN))
        if tag in _BLOCKS and tag != "li":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep what is seen."""
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain(html: object, *, escaped: bool = False) -> str | None:
    """Return the text of `html`, a line a block; `escaped` where its very tags are entities."""
    if not isinstance(html, str):
        return None
    parser = _Text()
    parser.feed(unescape(html) if escaped else html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() or None
