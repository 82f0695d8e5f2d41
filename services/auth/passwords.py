"""Passwords: argon2id (19 MiB, 2 rounds, 1 lane; OWASP's choice), off the event loop.

One thread, so that hashing takes one core at most, and a bounded queue before it: whoever floods
the sign-in is refused at once and slows nobody else down.
"""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from pwdlib.hashers.argon2 import Argon2Hasher

from services.auth.errors import TooManyAttempts
from services.auth.queueing import in_turn

QUEUE = 40
"""Passwords in work or waiting; at some 20 ms each, the last is checked within a second."""

T = TypeVar("T")

_argon2id = Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_worker = ThreadPoolExecutor(1, "argon2")
_places = BoundedSemaphore(QUEUE)
_NOBODYS = _argon2id.hash(secrets.token_urlsafe())


async def hash_password(password: str) -> str:
    """Return the hash to store.

    Raises:
        TooManyAttempts: the queue is full.
    """
    return await _off_the_loop(lambda: _argon2id.hash(password))


def is_outdated(stored: str) -> bool:
    """Return whether a hash was made with other parameters than are in force now."""
    return _argon2id.check_needs_rehash(stored)


async def is_right(password: str, stored: str | None) -> bool:
    """Return whether `password` is the one of hash `stored`.

    Where there is no account, hence no hash, it is False after the same work.

    Raises:
        TooManyAttempts: the queue is full.
    """
    matches = await _off_the_loop(lambda: _argon2id.verify(password, stored or _NOBODYS))
    return matches and stored is not None


async def _off_the_loop(work: Callable[[], T]) -> T:
    full = TooManyAttempts(headers={"Retry-After": "1"})
    return await in_turn(_worker, _places, work, full=full)
