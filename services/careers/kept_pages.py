"""Pages that were read lately, kept in memory; the loader tells when it writes one anew.

While PostgreSQL is away they can still be read; what was loaded meanwhile is seen once it is back.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from libs.common.db import Database
from libs.common.listening import listening
from libs.common.rows import Rows
from libs.common.service import Runtime

CHANNEL = "career_pages"
MOST = 256  # pages, of 26 KB on average
_PAGE = "SELECT page, etag FROM career_pages WHERE onet_code = :onet_code"
Page = tuple[str, str]
"""The page as JSON, and its tag."""


@dataclass
class KeptPages:
    """Those of a process; none are kept before changes are heard of."""

    pages: dict[str, Page] = field(default_factory=dict)
    hears: bool = False
    _heard: int = 0

    async def read(self, rows: Rows, onet_code: str) -> Page | None:
        """Return the page of an occupation, None where there is none."""
        if (kept := self.pages.get(onet_code)) is not None:
            return kept
        heard = self._heard
        for page, etag in await rows.read(_PAGE, onet_code=onet_code):
            if self.hears and heard == self._heard:  # else it may be older than what was heard of
                self._keep(onet_code, (page, etag))
            return page, etag
        return None

    def forget(self) -> None:
        """Keep nothing of what was read until now."""
        self._heard += 1
        self.pages.clear()

    def _keep(self, onet_code: str, page: Page) -> None:
        if len(self.pages) == MOST:
            del self.pages[next(iter(self.pages))]
        self.pages[onet_code] = page


def kept_pages(db: Database) -> KeptPages:
    """Return the pages that this process keeps."""
    kept: KeptPages = db.info.setdefault("pages", KeptPages())
    return kept


@asynccontextmanager
async def pages_kept(runtime: Runtime) -> AsyncIterator[None]:
    """Hear of changes, and keep pages meanwhile."""
    kept = kept_pages(runtime.db)

    def connected() -> None:
        kept.hears = True
        kept.forget()

    async with listening(runtime.db, CHANNEL, lambda _: kept.forget(), connected):
        yield
