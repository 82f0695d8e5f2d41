"""Files to upload, built on the spot, and the ways to send and to fetch them."""

from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import httpx
from PIL import Image

from libs.common.testing import Bench, signed_in

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
TYPES = (
    '<Types><Override PartName="/word/document.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)


def docx(**parts: str | bytes) -> bytes:
    """Build a small DOCX; `parts` replace or add to its own, `_` standing for what names cannot."""
    whole = {"[Content_Types].xml": TYPES, "word/document.xml": "<w:document/>", **parts}
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as zipped:
        for name, text in whole.items():
            zipped.writestr(name, text)
    return archive.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 32), **options: Any) -> bytes:
    """Build a picture, red to the left and blue to the right."""
    image = Image.new(options.pop("mode", "RGB"), size, options.pop("color", "red"))
    if image.mode == "RGB":
        image.paste("blue", (size[0] // 2, 0, *size))
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


async def upload(
    bench: Bench, method: str, path: str, who: Any, data: bytes, name: str = "file.bin"
) -> httpx.Response:
    """Send one file as a browser does."""
    return await bench.client.request(
        method, f"/api/v1{path}", headers=signed_in(*who), files={"file": (name, data)}
    )


async def fetch(bench: Bench, url: str) -> httpx.Response:
    """Follow a link that was shown."""
    base = "http://localhost:8000"
    assert url.startswith(f"{base}/api/v1/files/")
    return await bench.client.get(url.removeprefix(base))


def stored_files(bench: Bench) -> list[str]:
    """Return the keys in the store."""
    folder = bench.runtime.settings.data_dir / "files"
    return sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())
