"""Logs: one JSON object a line on standard output, with the request's id and trace."""

import logging
import sys

from pythonjsonlogger.orjson import OrjsonFormatter

from libs.common import context

_FIELDS = "%(asctime)s %(levelname)s %(name)s %(message)s"


class _InContext(logging.Filter):
    """Adds the request id and trace id of the request or event in hand."""

    def filter(self, record: logging.LogRecord) -> bool:
        here = context.current()
        if here is not None:
            record.request_id = here.request_id
            record.trace_id = here.traceparent[3:35]
        return True


def set_up_logging(process: str, level: str = "INFO", style: str = "auto") -> None:
    """Send all logs to standard output, as JSON for machines or as text for a person's eyes.

    Args:
        process: the service, gateway, worker or command that speaks; a field of each line.
        level: the lowest level that is written.
        style: `json`, `text`, or `auto`: text on a terminal, JSON elsewhere.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(_InContext())
    if style == "json" or (style == "auto" and not sys.stdout.isatty()):
        renamed = {"asctime": "time", "levelname": "level", "name": "logger"}
        formatter: logging.Formatter = OrjsonFormatter(
            _FIELDS, rename_fields=renamed, static_fields={"process": process}
        )
    else:
        formatter = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("aio_pika", "aiormq", "httpx", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
