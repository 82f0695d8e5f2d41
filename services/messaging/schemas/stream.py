"""Messages, as they are told to open streams."""

from libs.common.ids import Id
from services.messaging.schemas.messages import MessageOut


class ToldMessageOut(MessageOut):
    """A message to the reader, or of his own from another device of his."""

    receiver_id: Id
