"""Pictures as somebody would upload them."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


def picture(form: str = "PNG", size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, "darkred").save(made, form, **options)
    return made.getvalue()
