"""Pictures by Pillow: what is kept is drawn anew from the pixels, so nothing hides behind them.

The bytes decide what it is, never a name or a header. Sizes are read before anything is unpacked:
a small file can claim a huge picture. So are a JPEG's scans: each is a walk over all of its pixels,
75 bytes long at the least, and a file has room for 70,000 of them.
"""

import re
from io import BytesIO
from threading import BoundedSemaphore

from PIL import ExifTags, Image

from shared.kernel.errors import Invalid

# A JPEG is unpacked at the size that is needed, the others as a whole; so is one of several scans.
PIXELS_MAX = {"JPEG": 50_000_000, "MPO": 50_000_000, "PNG": 20_000_000, "WEBP": 20_000_000}
PIXELS_OF_SCANS_MAX = 20_000_000
# Encoders write 10 or 12 where a picture is to appear little by little.
SCANS_MAX = 32
FORMATS = ("JPEG", "PNG", "WEBP")
SIDE_PX_MAX = 2_048
QUALITY = 85
# At work, a picture takes up to 160 MB: two at a time, whatever comes in.
AT_A_TIME = 2
WHITE = (255, 255, 255)
# How a picture is turned that a camera took in this orientation. Pillow's own `exif_transpose` also
# writes the rest of the EXIF anew, and refuses a good picture where some of that is broken.
UPRIGHT = 1
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What begins a part of a JPEG. Others have no length: bytes of a scan, what restarts one, what is
# no marker and is passed over by decoders.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
_SCAN, _END = b"\xda", b"\xd9"


class PillowPictures:
    """`Pictures` by Pillow."""

    def __init__(self) -> None:
        """Nothing is loaded before the first picture."""
        self._place = BoundedSemaphore(AT_A_TIME)

    def clean(self, content: bytes) -> bytes:
        """Return the picture alone, upright, no side over 2,048 pixels, as JPEG."""
        with self._place:
            try:
                return _clean(content)
            except Invalid:
                raise
            except Exception as error:  # decoders fail in many ways on what was made to hurt them
                raise Invalid("photo.not_a_picture", "a JPEG, PNG or WebP is needed") from error


def _clean(content: bytes) -> bytes:
    with Image.open(BytesIO(content), formats=FORMATS) as opened:
        width, height = opened.size
        pixels_max = PIXELS_MAX[opened.format or ""]
        if opened.format in ("JPEG", "MPO") and _has_scans(content):
            pixels_max = PIXELS_OF_SCANS_MAX
        if width * height > pixels_max:
            raise Invalid("photo.too_large", f"at most {pixels_max} pixels")
        opened.thumbnail((SIDE_PX_MAX, SIDE_PX_MAX))
        return _drawn(_upright(opened))


def _has_scans(content: bytes) -> bool:
    """Say whether a JPEG comes in several scans; `Invalid` where in more than anybody writes."""
    at, scans = 0, 0
    while (found := _MARKER.search(content, at)) and found[1] != _END:
        scans += found[1] == _SCAN
        if scans > SCANS_MAX:
            raise Invalid("photo.too_large", f"at most {SCANS_MAX} scans")
        at = found.end() + int.from_bytes(content[found.end() : found.end() + 2])
    return scans > 1


def _upright(picture: Image.Image) -> Image.Image:
    turn = TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, UPRIGHT))
    return picture if turn is None else picture.transpose(turn)


def _drawn(picture: Image.Image) -> bytes:
    """Draw the pixels on a new picture: `save` would carry on what the old one says of itself."""
    opaque = picture.convert("RGBA")
    drawn = Image.new("RGB", opaque.size, WHITE)
    drawn.paste(opaque, mask=opaque.getchannel("A"))
    kept = BytesIO()
    drawn.save(kept, "JPEG", quality=QUALITY)
    return kept.getvalue()
