"""The emblem of a unit (单位徽标), made anew from whatever picture somebody has uploaded."""

from __future__ import annotations

import warnings
from io import BytesIO

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import EMBLEM_BYTES, EMBLEM_PIXELS, EMBLEM_SIDE

_FORMATS = ("PNG", "JPEG", "WEBP")


def read_emblem(content: bytes) -> bytes:
    """A PNG of at most ``EMBLEM_SIDE`` pixels each way, with the picture and nothing else that was in the file.

    Only pictures of pixels are read, so that nothing in them can run, and no larger ones than memory takes easily.

    Raises:
        FieldInvalid: it is no such picture, or too large.
    """
    # Only whoever uploads an emblem pays for the library.
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415

    if len(content) > EMBLEM_BYTES:
        raise FieldInvalid(f"徽标的文件不能大于 {EMBLEM_BYTES // 1_000_000} MB，请缩小后再上传。")
    try:
        with warnings.catch_warnings():
            # The number of pixels is judged below, before any of them is read.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(content), formats=_FORMATS)
        if picture.width * picture.height > EMBLEM_PIXELS:
            raise FieldInvalid("徽标的像素太多，请缩小到长宽各 2000 像素以内再上传。")
        picture.thumbnail((EMBLEM_SIDE, EMBLEM_SIDE))
        made = BytesIO()
        picture.convert("RGBA").save(made, "PNG", icc_profile=None)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise FieldInvalid("这个文件不能用作徽标，请选择 PNG、JPEG 或 WebP 图片。") from error
    return made.getvalue()
