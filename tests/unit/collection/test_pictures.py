"""Pictures: judged by their bytes, drawn anew, and refused where they are made to hurt."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from services.collection.adapters.pictures import PIXELS_MAX, SCANS_MAX, SIDE_PX_MAX, PillowPictures
from shared.kernel.errors import Invalid

SECRET = "Chen Wei, Gulou 12-3"
pictures = PillowPictures()


def drawn(kind="JPEG", *, mode="RGB", size=(64, 48), **rest):
    held = BytesIO()
    Image.new(mode, size, 120 if mode in ("L", "P", "1") else None).save(held, kind, **rest)
    return held.getvalue()


def opened(content):
    return Image.open(BytesIO(content))


def exif(*, orientation=1):
    held = Image.Exif()
    held[0x010E], held[0x0112] = SECRET, orientation
    held.get_ifd(0x8825)[2] = (26.0, 4.0, 52.0)  # GPS latitude
    return held


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width, height, *, data=b""):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("JPEG", mode) for mode in ("RGB", "L", "CMYK", "1")),
        *(("PNG", mode) for mode in ("RGB", "L", "RGBA", "LA", "P", "1")),
        *(("WEBP", mode) for mode in ("RGB", "L", "RGBA")),
    ],
)
def test_gives_a_jpeg_of_the_same_size(kind, mode):
    clean = opened(pictures.clean(drawn(kind, mode=mode)))

    assert (clean.format, clean.mode, clean.size) == ("JPEG", "RGB", (64, 48))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_drops_exif_and_keeps_the_picture_upright(kind):
    content = drawn(kind, exif=exif(orientation=6))
    assert SECRET.encode() in content

    clean = pictures.clean(content)

    assert SECRET.encode() not in clean
    assert len(opened(clean).getexif()) == 0
    assert opened(clean).size == (48, 64)


@pytest.mark.parametrize("turned", range(1, 9))
def test_is_upright_as_the_camera_was_held(turned):
    picture = Image.new("RGB", (64, 48), "white")
    picture.paste("black", (0, 0, 32, 24))  # the first row's begin, whichever way that is
    held = BytesIO()
    picture.save(held, "JPEG", exif=exif(orientation=turned), quality=95)

    clean = opened(pictures.clean(held.getvalue()))

    width, height = clean.size
    dark = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}
    corners = {
        (x, y): clean.getpixel((x * (width - 1), y * (height - 1))) for x in (0, 1) for y in (0, 1)
    }
    assert [where for where, pixel in corners.items() if max(pixel) < 60] == [dark[turned]]
    assert (width > height) == (turned < 5)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 150), st.integers(0, 255)), min_size=1, max_size=6))
@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_a_broken_exif_breaks_no_picture(changes):
    held = bytearray(exif(orientation=6).tobytes()[6:])
    for at, byte in changes:
        held[at % len(held)] = byte
    part = b"Exif\0\0" + bytes(held)
    whole = drawn()

    clean = pictures.clean(
        whole[:2] + b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part + whole[2:]
    )

    assert set(opened(clean).size) == {64, 48}


def test_drops_comments_profiles_and_texts():
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", SECRET)
    contents = (
        drawn("JPEG", comment=SECRET.encode()),
        drawn("JPEG", icc_profile=SECRET.encode()),
        drawn("PNG", pnginfo=info),
        drawn("WEBP", xmp=SECRET.encode()),
    )

    for content in contents:
        assert SECRET.encode() in content
        clean = pictures.clean(content)
        assert SECRET.encode() not in clean
        assert not {"comment", "icc_profile", "exif", "xmp"} & set(opened(clean).info)


def test_drops_what_hides_behind_the_picture():
    assert SECRET.encode() not in pictures.clean(drawn() + SECRET.encode())


def test_makes_what_is_large_smaller():
    clean = opened(pictures.clean(drawn(size=(SIDE_PX_MAX * 2, 1_000))))

    assert clean.size == (SIDE_PX_MAX, 500)


def test_takes_what_a_telephone_takes():
    """Several pictures in one file, as some cameras write them."""
    held = BytesIO()
    first, second = (Image.new("RGB", (64, 48), colour) for colour in ("red", "blue"))
    first.save(held, "MPO", save_all=True, append_images=[second])

    assert opened(pictures.clean(held.getvalue())).size == (64, 48)


def test_what_is_seen_through_becomes_white():
    clean = opened(pictures.clean(drawn("PNG", mode="RGBA")))

    assert min(clean.getpixel((0, 0))) > 250


@pytest.mark.parametrize(
    "size", [(10_000, PIXELS_MAX["PNG"] // 10_000 + 1), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_refuses_a_small_file_that_claims_a_huge_picture(size):
    with pytest.raises(Invalid) as refused:
        pictures.clean(png_of(*size))

    assert refused.value.code in ("photo.too_large", "photo.not_a_picture")


def test_refuses_a_jpeg_of_many_scans_before_it_walks_them():
    """49 million pixels, walked again for each 75 bytes: half an hour of work in one upload."""
    whole = drawn(size=(7_000, 7_000), progressive=True)
    scan = whole[whole.rindex(b"\xff\xda") : -2]

    for content in (whole, whole[:-2] + scan * 1_000 + whole[-2:]):
        with pytest.raises(Invalid) as refused:
            pictures.clean(content)
        assert refused.value.code == "photo.too_large"


def test_takes_scans_as_cameras_and_programs_write_them():
    """What looks like a scan within a camera's own notes, or behind the picture, is none."""
    notes = b"\xff\xda" * (SCANS_MAX + 1)
    scanned = drawn(progressive=True, comment=notes) + notes

    assert opened(pictures.clean(scanned)).size == (64, 48)


def test_refuses_a_text_that_unpacks_to_much():
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 80_000_000))
    whole = drawn("PNG")

    with pytest.raises(Invalid):
        pictures.clean(whole[:33] + bomb + whole[33:])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"GIF89a" + b"\0" * 50,
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"RIFF\0\0\0\0WEBP",
        drawn()[:-200],
        drawn("PNG")[:-30],
        png_of(100, 100, data=b"\0"),
        png_of(0, 5),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_refuses_what_is_no_picture(content):
    with pytest.raises(Invalid) as refused:
        pictures.clean(content)

    assert refused.value.code == "photo.not_a_picture"


def test_refuses_another_format_whatever_it_is_called():
    for kind in ("GIF", "BMP", "TIFF"):
        with pytest.raises(Invalid):
            pictures.clean(drawn(kind))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([drawn("JPEG"), drawn("PNG"), drawn("WEBP")]),
    st.integers(0, 200),
    st.binary(max_size=40),
)
def test_a_broken_picture_is_refused_or_clean(content, at, bytes_):
    broken = content[:at] + bytes_ + content[at + len(bytes_) :]

    try:
        clean = pictures.clean(broken)
    except Invalid:
        return
    assert opened(clean).format == "JPEG"
