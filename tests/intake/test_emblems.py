"""A picture that somebody uploads becomes an emblem, and nothing but its pixels is kept."""

from __future__ import annotations

from io import BytesIO

import pytest
from emblems import picture
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import EMBLEM_BYTES, EMBLEM_SIDE
from kaohe.intake.emblems import read_emblem


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_of_pixels_becomes_a_png_of_the_same_shape(form: str) -> None:
    made = Image.open(BytesIO(read_emblem(picture(form))))
    assert (made.format, made.mode, made.size) == ("PNG", "RGBA", (40, 20))


def test_a_large_picture_is_made_smaller_and_nothing_that_was_written_in_it_is_kept() -> None:
    said = PngInfo()
    said.add_text("author", "<script>")
    made = read_emblem(picture(size=(1600, 800), pnginfo=said, icc_profile=b"<script>", exif=b"Exif\0\0<script>"))
    assert Image.open(BytesIO(made)).size == (EMBLEM_SIDE, EMBLEM_SIDE // 2)
    assert set(Image.open(BytesIO(made)).info) == set()
    assert b"script" not in made


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"emblem",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7",
        picture("GIF"),
        picture("BMP"),
        picture()[:60],
        picture("JPEG")[:200],
        picture() + b" " * EMBLEM_BYTES,
        picture(size=(8000, 600)),
        picture("TIFF"),
    ],
    ids=["nothing", "text", "svg", "pdf", "gif", "bmp", "cut png", "cut jpeg", "large file", "many pixels", "tiff"],
)
def test_whatever_is_no_such_picture_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(FieldInvalid, match=r"徽标"):
        read_emblem(content)
