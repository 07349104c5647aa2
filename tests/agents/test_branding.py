"""The company's looks: colours that can be read, pictures that are pictures."""

from __future__ import annotations

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from agents.branding import PICTURE_NAME, READABLE, as_picture, palette

PAPER, NIGHT = "#f7f5f0", "#1a2120"


def contrast(one: str, other: str) -> float:
    """WCAG's contrast, counted here once more from its definition."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@given(st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}"))
def test_any_colour_can_be_read_by_day_and_by_night(colour: str) -> None:
    made = palette(colour)
    rounding = 0.05  # of colours to whole steps of 255
    assert contrast(made["accent"], PAPER) >= READABLE - rounding
    assert contrast(made["accent_night"], NIGHT) >= READABLE - rounding
    assert contrast(made["accent"], made["on"]) >= READABLE - rounding
    assert contrast(made["accent_night"], made["on_night"]) >= READABLE - rounding


def test_a_colour_that_can_be_read_stays_itself() -> None:
    assert palette("#0b6e75")["accent"] == "#0b6e75"
    assert palette("#56c4bf")["accent_night"] == "#56c4bf"
    assert palette("#56c4bf")["accent"] != "#56c4bf"


def upload(size: tuple[int, int], kind: str, mode: str = "RGB") -> SimpleUploadedFile:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    Image.new(mode, size, "red").save(out, kind, **({"exif": exif} if kind == "JPEG" else {}))
    return SimpleUploadedFile(f"logo.{kind.lower()}", out.getvalue())


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "CMYK"), ("JPEG", "L"), ("WEBP", "RGB")]
)
def test_a_picture_becomes_a_small_square(kind: str, mode: str) -> None:
    made = as_picture(upload((900, 300), kind, mode))
    assert PICTURE_NAME.fullmatch(str(made.name))
    image = Image.open(made)
    assert (image.format, image.size) == ("WEBP", (256, 256))
    assert not image.getexif()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "no picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "no picture"),
        (b"x" * 5_000_001, "5 MB"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        as_picture(SimpleUploadedFile("logo.png", content))


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(ValidationError, match="pixels"):
        as_picture(upload((8000, 6000), "PNG", "1"))
