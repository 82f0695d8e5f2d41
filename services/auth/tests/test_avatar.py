"""Pictures of people: what is taken, what is made of it, what becomes of the old one."""

import asyncio
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags, Image

from libs.common.contracts.auth import UserUpdated
from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from services.auth import images
from services.auth.tests.people import code_of, new_account
from services.auth.tests.uploads import fetch, picture, stored_files, upload

PATH = "/users/me/avatar"


@pytest.fixture
async def hoang(bench: Bench) -> Any:
    """A candidate."""
    return Role.CANDIDATE, await new_account(bench)


async def avatar(bench: Bench, who: Any, data: bytes) -> Image.Image:
    """Upload a picture; return the one that is served."""
    answer = await upload(bench, "POST", PATH, who, data)
    assert answer.status_code == 200, answer.text
    served = await fetch(bench, answer.json()["data"]["avatarUrl"])
    assert served.status_code == 200
    image = Image.open(BytesIO(served.content))
    image.load()
    return image


def is_(image: Image.Image, at: tuple[int, int], color: tuple[int, int, int]) -> bool:
    pixel = image.convert("RGB").getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 40 for one, other in zip(pixel, color, strict=True))


RED, BLUE = (255, 0, 0), (0, 0, 255)


async def test_access(bench: Bench) -> None:
    files = {"file": ("me.png", picture())}
    answer = await bench.client.post(f"/api/v1{PATH}", files=files)
    assert (answer.status_code, code_of(answer)) == (401, "UNAUTHENTICATED")
    for role in Role:
        nobody = await bench.client.post(f"/api/v1{PATH}", files=files, headers=signed_in(role))
        assert (nobody.status_code, code_of(nobody)) == (404, "NOT_FOUND")
    assert stored_files(bench) == []


async def test_it_is_kept_shown_and_told(bench: Bench, hoang: Any) -> None:
    answer = await upload(bench, "POST", PATH, hoang, picture())
    body = answer.json()
    assert (answer.status_code, body["error"]) == (200, None)
    assert body["message"] == "Cập nhật ảnh đại diện thành công"
    assert set(body["data"]) == {"avatarUrl"}
    me = await bench.client.get("/api/v1/users/me", headers=signed_in(*hoang))
    assert me.json()["data"]["avatar"] == body["data"]["avatarUrl"]
    [key] = stored_files(bench)
    assert key.startswith(f"avatars/{hoang[1]}/")
    [said] = [event for event in await bench.published() if isinstance(event, UserUpdated)]
    assert (said.user_id, said.avatar_url, said.version) == (hoang[1], f"store:{key}", 2)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_each_kind_becomes_a_small_webp(bench: Bench, hoang: Any, kind: str) -> None:
    image = await avatar(bench, hoang, picture(kind, (1600, 800)))
    assert (image.format, image.size) == ("WEBP", (512, 256))
    assert is_(image, (10, 128), RED)
    assert is_(image, (500, 128), BLUE)


@pytest.mark.parametrize(
    ("mode", "color"),
    [("L", 9), ("LA", (9, 9)), ("P", 1), ("1", 1), ("RGBA", (9, 9, 9, 0)), ("I;16", 9)],
)
async def test_all_modes(bench: Bench, hoang: Any, mode: str, color: Any) -> None:
    image = await avatar(bench, hoang, picture("PNG", mode=mode, color=color))
    assert image.size == (64, 32)
    assert image.has_transparency_data == (mode in {"LA", "RGBA"})


async def test_a_cmyk_jpeg(bench: Bench, hoang: Any) -> None:
    image = await avatar(bench, hoang, picture("JPEG", mode="CMYK", color=(0, 255, 255, 0)))
    assert is_(image, (5, 5), RED)


async def test_a_small_one_is_not_made_larger(bench: Bench, hoang: Any) -> None:
    assert (await avatar(bench, hoang, picture(size=(3, 700)))).size == (2, 512)
    assert (await avatar(bench, hoang, picture(size=(1, 1)))).size == (1, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_it_is_turned_upright_and_tells_nothing(bench: Bench, hoang: Any, kind: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # to be turned by a quarter, clockwise
    exif[ExifTags.Base.Make] = "Kamera"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (21.0, 1.0, 42.0)
    options: dict[str, Any] = {"exif": exif.tobytes(), "icc_profile": b"a colour profile"}
    if kind != "PNG":
        options["xmp"] = b"<x:xmpmeta>Kamera</x:xmpmeta>"
    sent = picture(kind, (640, 320), **options)
    given = Image.open(BytesIO(sent)).getexif()
    assert given.get_ifd(ExifTags.IFD.GPSInfo)
    image = await avatar(bench, hoang, sent)
    assert image.size == (256, 512)
    assert is_(image, (128, 10), RED)
    assert is_(image, (128, 500), BLUE)
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "XML:com.adobe.xmp"} & image.info.keys()
    [key] = stored_files(bench)[-1:]
    assert b"Kamera" not in await bench.runtime.store.get(key)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_the_first_of_moving_pictures(bench: Bench, hoang: Any, kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), color) for color in ("blue", "green", "red")]
    sent = picture(kind, (20, 20), save_all=True, append_images=frames, duration=50)
    assert getattr(Image.open(BytesIO(sent)), "n_frames", 1) > 1
    image = await avatar(bench, hoang, sent)
    assert getattr(image, "n_frames", 1) == 1
    assert is_(image, (2, 2), RED)


async def test_what_hangs_on_a_picture_is_lost(bench: Bench, hoang: Any) -> None:
    script = b"<script>alert(1)</script>"
    await avatar(bench, hoang, picture() + script + b"PK\x03\x04")
    [key] = stored_files(bench)
    assert b"script" not in await bench.runtime.store.get(key)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        SVG,
        b"<!doctype html><h1>me.png</h1>",
        b"GIF89a" + bytes(100),
        picture("GIF"),
        picture("BMP"),
        picture("TIFF"),
        b"%PDF-1.4 %%EOF",
        picture()[:60],
        picture("JPEG", (300, 300))[:700],
        picture("WEBP", (300, 300))[:-40],
        b"\x89PNG\r\n\x1a\n" + bytes(64),
        b"RIFF\xff\xff\xff\xffWEBPVP8X" + bytes(30),
        b"\xff\xd8\xff\xe1\xff\xff" + b"Exif" * 100,
    ],
)
async def test_other_content_is_refused_whatever_its_name(
    bench: Bench, hoang: Any, data: bytes
) -> None:
    answer = await upload(bench, "POST", PATH, hoang, data, "me.png")
    assert (answer.status_code, code_of(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert stored_files(bench) == []


async def test_the_name_does_not_matter(bench: Bench, hoang: Any) -> None:
    for name in ("me.exe", "../../../etc/passwd", "", "đ.svg", 'a"b\\c.png'):
        answer = await upload(bench, "POST", PATH, hoang, picture("JPEG"), name)
        wanted = 422 if name == "" else 200  # without a file name it is no file
        assert answer.status_code == wanted, (name, answer.text)
    assert all(key.startswith(f"avatars/{hoang[1]}/") for key in stored_files(bench))


def png_of(width: int, height: int, pixels: bytes) -> bytes:
    """Write a PNG by hand: greyscale, one bit a pixel, with `pixels` as its packed data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    ("width", "height"), [(5001, 5000), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
async def test_a_bomb_is_refused_before_it_bursts(
    bench: Bench, hoang: Any, width: int, height: int
) -> None:
    bomb = png_of(width, height, zlib.compress(bytes(1_000_000), 9))
    answer = await upload(bench, "POST", PATH, hoang, bomb)
    assert (answer.status_code, code_of(answer)) == (413, "CONTENT_TOO_LARGE")
    assert answer.json()["error"]["details"] == {"pixels": 25_000_000}


async def test_a_large_picture_in_few_bytes_is_taken(bench: Bench, hoang: Any) -> None:
    rows = zlib.compress(bytes(5000 * (1 + 625)), 9)
    assert (await avatar(bench, hoang, png_of(5000, 5000, rows))).size == (512, 512)


def many_scans(scans: int) -> bytes:
    """Write a progressive JPEG by hand: grey, each scan all zeros, a few bytes for many pixels."""

    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    side = 800
    head = segment(0xDB, bytes(1) + bytes([1] * 64))
    head += segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + bytes([1, 0x11, 0]))
    one_code = bytes([1]) + bytes(15)
    head += segment(0xC4, b"\x00" + one_code + b"\x00")
    head += segment(0xC4, b"\x10" + one_code + b"\xd0")  # the one: 2**13 blocks and more are zero
    first = segment(0xDA, bytes([1, 1, 0, 0, 0, 0])) + bytes((side // 8) ** 2 // 8)
    other = segment(0xDA, bytes([1, 1, 0, 1, 63, 0])) + struct.pack(">H", 0b0_0011100010000_11)
    return b"\xff\xd8" + head + first + other * (scans - 1) + b"\xff\xd9"


async def test_a_jpeg_of_endless_scans_is_refused_undecoded(bench: Bench, hoang: Any) -> None:
    assert (await avatar(bench, hoang, many_scans(100))).size == (512, 512)
    answer = await upload(bench, "POST", PATH, hoang, many_scans(101))
    assert (answer.status_code, code_of(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_png_of_endless_profiles_is_refused_unpacked(bench: Bench, hoang: Any) -> None:
    plain = picture()
    profile = b"iCCP" + b"a\0\0" + zlib.compress(bytes(1000))
    chunk = struct.pack(">I", len(profile) - 4) + profile + struct.pack(">I", zlib.crc32(profile))
    for profiles, status in ((10, 200), (11, 415)):
        sent = plain[:33] + chunk * profiles + plain[33:]
        assert (await upload(bench, "POST", PATH, hoang, sent)).status_code == status


async def test_over_two_megabytes(bench: Bench, hoang: Any) -> None:
    limit = 2 * 1024 * 1024
    padded = picture().ljust(limit, b"\0")
    assert (await upload(bench, "POST", PATH, hoang, padded)).status_code == 200
    answer = await upload(bench, "POST", PATH, hoang, padded + b"\0")
    assert (answer.status_code, code_of(answer)) == (413, "CONTENT_TOO_LARGE")
    assert answer.json()["error"]["details"] == {"limit": limit}


async def test_no_more_is_read_than_the_limit(bench: Bench, hoang: Any) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(1000):
            sent += 65536
            yield bytes(65536)

    headers = {**signed_in(*hoang), "Content-Type": "multipart/form-data; boundary=x"}
    answer = await bench.client.post(f"/api/v1{PATH}", content=endless(), headers=headers)
    assert (answer.status_code, code_of(answer)) == (413, "CONTENT_TOO_LARGE")
    assert sent <= 2 * 1024 * 1024 + 2 * 65536


def part(disposition: str, data: str = "x") -> str:
    return f"--x\r\nContent-Disposition: {disposition}\r\n\r\n{data}\r\n"


FILE = part('form-data; name="file"; filename="a.png"')


@pytest.mark.parametrize(
    "body",
    [
        "",
        "--x--\r\n",
        part('form-data; name="picture"; filename="a.png"') + "--x--\r\n",
        part('form-data; name="file"') + "--x--\r\n",
        FILE + FILE + "--x--\r\n",
        FILE + part('form-data; name="note"') + "--x--\r\n",
        part("form-data") + "--x--\r\n",
        "no form at all",
        FILE[:-2],
    ],
)
async def test_other_forms_are_refused(bench: Bench, hoang: Any, body: str) -> None:
    headers = {**signed_in(*hoang), "Content-Type": "multipart/form-data; boundary=x"}
    answer = await bench.client.post(f"/api/v1{PATH}", content=body.encode(), headers=headers)
    assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")
    [problem] = answer.json()["error"]["details"]
    assert set(problem) == {"field", "message", "type"}


@pytest.mark.parametrize(
    ("media_type", "status"),
    [("application/json", 415), ("image/png", 415), (None, 415), ("multipart/form-data", 422)],
)
async def test_other_media_types(
    bench: Bench, hoang: Any, media_type: str | None, status: int
) -> None:
    headers = signed_in(*hoang) | ({"Content-Type": media_type} if media_type else {})
    answer = await bench.client.post(f"/api/v1{PATH}", content=picture(), headers=headers)
    assert answer.status_code == status
    assert code_of(answer)


async def test_the_old_picture_goes_and_the_new_one_stays(bench: Bench, hoang: Any) -> None:
    old = (await upload(bench, "POST", PATH, hoang, picture())).json()["data"]["avatarUrl"]
    new = (await upload(bench, "POST", PATH, hoang, picture("JPEG"))).json()["data"]["avatarUrl"]
    assert len(stored_files(bench)) == 2  # it goes only once the change is committed
    await bench.settle()
    assert len(stored_files(bench)) == 1
    gone = await fetch(bench, old)
    assert (gone.status_code, code_of(gone)) == (404, "OBJECT_NOT_FOUND")
    assert (await fetch(bench, new)).status_code == 200


async def test_of_many_at_once_one_stays(bench: Bench, hoang: Any) -> None:
    answers = await asyncio.gather(
        *(upload(bench, "POST", PATH, hoang, picture(size=(n, n))) for n in range(1, 7))
    )
    assert [answer.status_code for answer in answers] == [200] * 6
    await bench.settle()
    [row] = await bench.rows("SELECT avatar_url FROM persons")
    assert [f"store:{key}" for key in stored_files(bench)] == [row["avatar_url"]]
    said = [event for event in await bench.published() if isinstance(event, UserUpdated)]
    assert sorted(event.version for event in said) == [2, 3, 4, 5, 6, 7]
    assert max(said, key=lambda event: event.version).avatar_url == row["avatar_url"]


async def test_a_flood_is_turned_away(bench: Bench, hoang: Any) -> None:
    large = picture("JPEG", (4000, 4000))
    crowd = images.QUEUE + 8
    answers = await asyncio.gather(
        *(upload(bench, "POST", PATH, hoang, large) for _ in range(crowd))
    )
    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 503}
    assert all(a.headers["Retry-After"] for a in answers if a.status_code == 503)
    assert (await upload(bench, "POST", PATH, hoang, picture())).status_code == 200
