"""Pictures of people: whatever was uploaded becomes a small WebP that tells nothing but its pixels.

Decoding takes a core and some hundred MB for two seconds at worst, so one thread does it, a few
may wait.
"""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import BoundedSemaphore

from PIL import Image, ImageOps

from libs.common.errors import ContentTooLarge, ServiceUnavailable, UnsupportedMediaType
from services.auth.queueing import in_turn

MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 25_000_000
SIDE = 512  # pixels
FORMATS = ("PNG", "JPEG", "WEBP")
QUEUE = 8
COSTLY = {b"\xff\xda": 100, b"iCCP": 10}
"""Of what costs a decoder much and a file few bytes, how often it may occur: scans of a JPEG, each
over all pixels; colour profiles of a PNG, each unpacked."""

_ACCEPTED = {"accepted": [f"image/{name.lower()}" for name in FORMATS]}
_worker = ThreadPoolExecutor(1, "images")
_places = BoundedSemaphore(QUEUE)


async def as_avatar(picture: bytes) -> bytes:
    """Return a PNG, JPEG or WebP as WebP of 512 by 512 pixels at most, upright, without metadata.

    Of an animated one the first picture is taken.

    Raises:
        UnsupportedMediaType: it is none of these, broken, or made to keep a decoder busy.
        ContentTooLarge: it has more than 25 million pixels.
        ServiceUnavailable: too many wait already.
    """
    if any(picture.count(mark) > often for mark, often in COSTLY.items()):
        raise UnsupportedMediaType(_ACCEPTED)
    return await in_turn(_worker, _places, lambda: _redrawn(picture), full=ServiceUnavailable())


def _redrawn(picture: bytes) -> bytes:
    try:
        with Image.open(BytesIO(picture), formats=FORMATS) as image:
            return _small(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ContentTooLarge({"pixels": MAX_PIXELS}) from error
    except Exception as error:  # a broken file makes Pillow raise almost anything
        raise UnsupportedMediaType(_ACCEPTED) from error


def _small(image: Image.Image) -> bytes:
    if image.width * image.height > MAX_PIXELS:
        raise Image.DecompressionBombError
    image.draft(None, (2 * SIDE, 2 * SIDE))  # a JPEG is decoded no larger than it must
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode != mode:
        image = image.convert(mode)
    image.thumbnail((SIDE, SIDE))
    upright = ImageOps.exif_transpose(image)
    upright.info.clear()  # what Pillow would write along: EXIF, XMP, colour profile
    webp = BytesIO()
    upright.save(webp, "WEBP", quality=82)
    return webp.getvalue()
