"""CVs as documents: told by their content, named by their owner."""

import unicodedata
from io import BytesIO
from pathlib import PurePosixPath
from typing import Literal
from zipfile import ZipFile

from libs.common.errors import UnsupportedMediaType

MAX_BYTES = 5 * 1024 * 1024
MAX_PARTS = 1000
MAX_UNPACKED = 100 * 1024 * 1024  # bytes, as the archive declares them
LONGEST_NAME = 255  # characters
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
Kind = Literal["pdf", "docx"]

_TAIL = 1024  # bytes in which a PDF's end is looked for, as its readers do
_MAIN_PART = b"wordprocessingml.document.main+xml"


def kind_of(document: bytes) -> Kind:
    """Return what a document is by its content; nothing large is unpacked.

    Raises:
        UnsupportedMediaType: it is neither PDF nor DOCX, or broken.
    """
    if document.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"%PDF-"):
        if b"%%EOF" in document[-_TAIL:]:
            return "pdf"
    elif document.startswith(b"PK\x03\x04") and _is_docx(document):
        return "docx"
    raise UnsupportedMediaType({"accepted": list(TYPES.values())})


def _is_docx(document: bytes) -> bool:
    if document.count(b"PK\x01\x02") > MAX_PARTS:  # before anybody makes a list of them
        return False
    try:
        with ZipFile(BytesIO(document)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            archive.getinfo("word/document.xml")
            with archive.open("[Content_Types].xml") as types:
                return unpacked <= MAX_UNPACKED and _MAIN_PART in types.read(64 * 1024)
    except Exception:  # a broken archive makes zipfile raise almost anything
        return False


def tidy_name(name: str, kind: str) -> str:
    """Return a file's name as it may be shown: without folders or invisible characters, bounded.

    It ends as its kind does, whatever it was called; a file without a name is `cv`.
    """
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    visible = " ".join("".join(c for c in last if c.isprintable()).split())
    stem = visible[: -len(kind) - 1] if visible.lower().endswith(f".{kind}") else visible
    ending = f".{kind}"
    return (stem.strip(". ")[: LONGEST_NAME - len(ending)] or "cv") + ending
