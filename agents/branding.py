"""How the company shows itself on the visitor's page: name, colour and picture. At once when saved, not published."""

from __future__ import annotations

import io
import re
import uuid
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.fields.files import ImageFieldFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

if TYPE_CHECKING:
    from django.core.files import File

FOLDER = "pictures"  # in the files' storage
PICTURE_NAME = re.compile(r"[0-9a-f]{32}\.webp")
COLOUR = re.compile(r"#[0-9a-f]{6}")
_SIDE = 256  # pixels; shown at 48, on screens of up to four dots a pixel
_MAX_BYTES = 5_000_000
_MAX_PIXELS = 40_000_000  # decoded, four bytes each
READABLE = 4.5  # contrast of small letters to what is behind them, by WCAG 2 AA
_PAPER, _NIGHT = "#f7f5f0", "#1a2120"  # of static/src/theme.css, by day and by night

Rgb = tuple[float, float, float]


class PictureFile(ImageFieldFile):
    """A stored picture. The web server hands it out; the storage itself has no addresses."""

    @property
    def url(self) -> str:
        return reverse("picture", args=[str(self.name).rpartition("/")[2]])


class PictureField(models.ImageField):
    attr_class = PictureFile


class Branding(models.Model):
    """The company's side of an agent's page. Whatever is empty is left to Vaani's own looks."""

    company = models.CharField(
        _("company"), max_length=80, blank=True, help_text=_("Shown over the agent's name on its page.")
    )
    colour = models.CharField(
        _("colour"), max_length=7, blank=True,
        validators=[RegexValidator(rf"^{COLOUR.pattern}$", _("Write a colour as # and six digits or letters a to f."))],
        help_text=_("Of the page's buttons, such as #0b6e75. It is made darker or lighter where letters would be hard to read."),
    )  # fmt: skip
    picture = PictureField(
        _("picture"), upload_to=FOLDER, blank=True,
        help_text=_("A logo or a face: PNG, JPEG or WebP, at most 5 MB. It is cut to a square."),
    )  # fmt: skip

    class Meta:
        abstract = True


def as_picture(upload: File[bytes]) -> ContentFile[bytes]:
    """The upload as a square WebP of 256 pixels under a name of its own, without what a camera noted in it.

    Raises `ValidationError` for what is no PNG, JPEG or WebP, or is too large.
    """
    if upload.size > _MAX_BYTES:
        raise ValidationError(_("This picture has more than 5 MB. Choose a smaller one."))
    try:
        upload.seek(0)
        image = Image.open(upload, formats=["PNG", "JPEG", "WEBP"])
        if image.width * image.height > _MAX_PIXELS:
            raise ValidationError(_("This picture has too many pixels. Choose a smaller one."))
        square = ImageOps.fit(ImageOps.exif_transpose(image).convert("RGBA"), (_SIDE, _SIDE))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ValidationError(_("This file is no picture that can be read. Choose a PNG, JPEG or WebP.")) from error
    out = io.BytesIO()
    square.save(out, "WEBP", quality=85)
    return ContentFile(out.getvalue(), name=f"{uuid.uuid4().hex}.webp")


def palette(colour: str) -> dict[str, str]:
    """`colour`, as #rrggbb, for use by day and by night: accent and the colour of letters on it.

    The accent is moved towards black by day and towards white by night until it can be read as letters on the page.
    """
    own = _rgb(colour)
    day, night = _readable(own, _rgb(_PAPER), (0, 0, 0)), _readable(own, _rgb(_NIGHT), (1, 1, 1))
    return {"accent": _hex(day), "on": _letters(day), "accent_night": _hex(night), "on_night": _letters(night)}


def _readable(colour: Rgb, ground: Rgb, towards: Rgb) -> Rgb:
    mixes = (_mix(colour, towards, step / 20) for step in range(21))
    return next((mixed for mixed in mixes if contrast(mixed, ground) >= READABLE), towards)


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (part * (1 - share) + goal * share for part, goal in zip(one, other, strict=True))
    return red, green, blue


def contrast(one: Rgb, other: Rgb) -> float:
    """How well the two are told apart, from 1 to 21, as WCAG 2 counts it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _letters(ground: Rgb) -> str:
    return max(("#ffffff", "#000000"), key=lambda letters: contrast(_rgb(letters), ground))


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)
