"""What goes wrong at TheirStack, and on the way from it."""

from dataclasses import replace
from typing import Any

from services.ingestion.tests.fake_http import Reply
from services.ingestion.tests.fake_theirstack.api import Instead

TOO_MANY = Instead(
    Reply(429, {"request_id": None, "error": {"code": "E-005", "title": "Too many requests"}})
)
SERVER_ERROR = Instead(Reply(500, {"error": {"code": None, "title": "Internal server error"}}))
GATEWAY_HTML = Instead(Reply(503, b"<html>503</html>", {"Content-Type": "text/html"}))
NO_CREDITS_AS_TEXT = Instead(
    Reply(402, {"error": {"code": "E-009", "title": "Not enough credits", "description": "None."}})
)
NO_CREDITS_AS_PAGE = Instead(
    Reply(402, {"data": [], "metadata": {"truncated_results": 20, "truncated_companies": 20}})
)
DENIED = Instead(Reply(403, {"detail": "Forbidden"}))
UNKNOWN_KEY = Instead(Reply(401, {"detail": "Invalid key"}))
NO_FILTER = Instead(Reply(422, {"error": {"code": "E-007", "title": "Missing mandatory filter"}}))
BAD_TYPE = Instead(Reply(422, {"detail": [{"loc": ["body", "limit"], "msg": "Too large"}]}))
BAD_FILTER = Instead(Reply(400, {"error": {"code": "E-003", "title": "Invalid country code"}}))


def retry_after(seconds: float) -> Instead:
    """Too many requests, and for how long."""
    return Instead(replace(TOO_MANY.reply, headers={"Retry-After": str(seconds)}))


def slow(reply: Reply) -> Reply:
    """Billed, but later than anyone waits."""
    return replace(reply, delay=60.0)


def cut(reply: Reply) -> Reply:
    """Billed, but broken off."""
    return replace(reply, cut=True)


def without_data(reply: Reply) -> Reply:
    """Billed, but there is no list."""
    return replace(reply, body={"metadata": {}})


def no_json(reply: Reply) -> Reply:
    """Billed, but unreadable."""
    return replace(reply, body=b"{")


def changed(**fields: Any) -> Any:
    """Change the first job of the page."""

    def change(reply: Reply) -> Reply:
        first, *others = reply.body["data"]
        return replace(reply, body=reply.body | {"data": [first | fields, *others]})

    return change


def spoilt(item: Any) -> Any:
    """Put something else in the place of the first job."""

    def spoil(reply: Reply) -> Reply:
        return replace(reply, body=reply.body | {"data": [item, *reply.body["data"][1:]]})

    return spoil


def twice(reply: Reply) -> Reply:
    """Give the first job once more, in the place of the second."""
    jobs = reply.body["data"]
    return replace(reply, body=reply.body | {"data": [jobs[0], jobs[0], *jobs[2:]]})
