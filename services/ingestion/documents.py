"""The text of a document that a client sends: PDF, DOCX, or plain text in UTF-8; pure."""

import re
from html import unescape
from io import BytesIO
from itertools import islice
from zipfile import ZipFile

from pypdf import PdfReader

from libs.common.errors import UnsupportedMediaType

MAX_BYTES = 5 * 1024 * 1024
LONGEST_TEXT = 200_000
"""Characters of a document that are read: a CV of a hundred pages."""

_MAX_PAGES = 100
_MAX_XML = 20 * 1024 * 1024
_PART = "word/document.xml"
_BREAK = re.compile(r"</w:p>|<w:(?:br|cr)\b[^>]*>")
_TAB = re.compile(r"<w:tab\b[^>]*>|</w:tc>")
_TAG = re.compile(r"<[^>]+>")
_PDF = "application/pdf"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def text_of(document: bytes) -> str:
    """Return a document's text, a line for each paragraph, cut at `LONGEST_TEXT`.

    Raises:
        UnsupportedMediaType: it is none of the three, or broken, or locked by a password.
    """
    try:
        return _read(document)[:LONGEST_TEXT]
    except Exception as error:  # whatever a parser stumbles over, the document is at fault
        raise UnsupportedMediaType({"accepted": [_PDF, _DOCX, "text/plain"]}) from error


def _read(document: bytes) -> str:
    if document.startswith(b"%PDF-"):
        pages = PdfReader(BytesIO(document)).pages
        return "\n".join(page.extract_text() for page in islice(pages, _MAX_PAGES)).strip()
    if document.startswith(b"PK\x03\x04"):
        with ZipFile(BytesIO(document)) as archive, archive.open(_PART) as part:
            return _text_of_xml(part.read(_MAX_XML).decode())
    text = document.decode("utf-8-sig")
    if "\x00" in text:
        raise ValueError("no text")
    return text


def _text_of_xml(xml: str) -> str:
    return unescape(_TAG.sub("", _TAB.sub("\t", _BREAK.sub("\n", xml)))).strip()
