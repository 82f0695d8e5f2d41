"""Why a question about the market has no answer."""

from libs.common.errors import NotFound


class PostingNotFound(NotFound):
    """No posting bears this id."""
