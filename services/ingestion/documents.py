"""The text of a document that a client sends: PDF, DOCX, or plain text in UTF-8; pure."""

from io import BytesIO
from itertools import islice
from typing import IO, Any
from xml.parsers import expat
from zipfile import ZipFile

from pypdf import PdfReader

from libs.common.errors import UnsupportedMediaType, wrong_field
from libs.common.uploads import FIELD

MAX_BYTES = 5 * 1024 * 1024
LONGEST_TEXT = 200_000
"""Characters of a document that are read: a CV of a hundred pages."""

_MAX_PAGES = 100
_MAX_XML = 20 * 1024 * 1024
_PART = "word/document.xml"
_BEGUN = {"w:br": "\n", "w:cr": "\n", "w:tab": "\t"}
_ENDED = {"w:p": "\n", "w:tc": "\t"}
"""What stands in the text where an element of a DOCX begins or ends."""
_PDF = "application/pdf"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def text_of(document: bytes) -> str:
    """Return a document's text, a line for each paragraph, cut at `LONGEST_TEXT`.

    Raises:
        UnsupportedMediaType: it is none of the three, or broken, or locked by a password.
        ValidationError: nothing is written in it.
    """
    try:
        text = _read(document)[:LONGEST_TEXT]
    except Exception as error:  # whatever a parser stumbles over, the document is at fault
        raise UnsupportedMediaType({"accepted": [_PDF, _DOCX, "text/plain"]}) from error
    if not text.strip():
        raise wrong_field(FIELD, "must hold text")
    return text


def _read(document: bytes) -> str:
    if document.startswith(b"%PDF-"):
        pages = PdfReader(BytesIO(document)).pages
        return "\n".join(page.extract_text() for page in islice(pages, _MAX_PAGES)).strip()
    if document.startswith(b"PK\x03\x04"):
        with ZipFile(BytesIO(document)) as archive, archive.open(_PART) as part:
            return _text_of_xml(part)
    text = document.decode("utf-8-sig")
    if "\x00" in text:
        raise ValueError("no text")
    return text


def _text_of_xml(part: IO[bytes]) -> str:
    """Return the text of what may be read of a part; what is read has to be well-formed."""
    pieces: list[str] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.CharacterDataHandler = pieces.append
    parser.StartElementHandler = lambda name, _: pieces.append(_BEGUN.get(name, ""))
    parser.EndElementHandler = lambda name: pieces.append(_ENDED.get(name, ""))
    parser.StartDoctypeDeclHandler = _refuse
    xml = part.read(_MAX_XML)
    parser.Parse(xml, len(xml) < _MAX_XML)
    return "".join(pieces).strip()


def _refuse(*_: Any) -> None:
    raise ValueError("a DOCX declares no document type, and hence no entities")
