"""Who asks for advice, and what is said in the query, for the endpoints that give it."""

from typing import Annotated

from fastapi import Depends
from pydantic import AfterValidator, StringConstraints

from libs.common.identity import SignedIn
from libs.common.schemas import tidy
from libs.common.service import Running
from services.careers.candidates import Candidate
from services.careers.queries.candidates import candidate


async def _asker(me: SignedIn, running: Running) -> Candidate:
    # A look of its own: nothing is held while a peer is asked.
    async with running.db.read() as session:
        return await candidate(session, me.user_id)


Asker = Annotated[Candidate, Depends(_asker)]
"""Whoever is signed in, as a candidate; an employer is one without a profile."""

Said = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(tidy),
]
"""A name or a few words in a query."""
