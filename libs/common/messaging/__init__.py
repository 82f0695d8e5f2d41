"""Durable messaging: nothing lost, nothing doubled, whatever process, broker or database dies.

publish -> outbox -> Relay -> Transport -> InboxWorker.accept -> handler
                                             or -> inbox -> InboxWorker.run -> handler
"""

from libs.common.messaging.consumers import Consumer, consumes
from libs.common.messaging.inbox import InboxWorker, enqueue
from libs.common.messaging.loop import settle
from libs.common.messaging.outbox import Relay, publish
from libs.common.messaging.transport import LocalTransport, Transport, TransportUnavailable

__all__ = [
    "Consumer",
    "InboxWorker",
    "LocalTransport",
    "Relay",
    "Transport",
    "TransportUnavailable",
    "consumes",
    "enqueue",
    "publish",
    "settle",
]
