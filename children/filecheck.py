"""Whether an uploaded file is what it says it is, and nothing that could harm whoever opens it.

The name decides nothing but which check is made: the content must be of that kind. Office documents may hold no macros, controls
or embedded programs; pictures are drawn anew, so that where a photograph was taken is not kept with it.
"""

import io
import os
import unicodedata
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import filetype
from django.core.exceptions import ValidationError
from PIL import Image, ImageOps

LARGEST = 20 * 1024 * 1024
LARGEST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 5000
MOST_PIXELS = 50_000_000
LONGEST_NAME = 150
TOO_LARGE = "The file must be smaller than 20 MB."
UNKNOWN_KIND = (
    "The file must be a PDF, a Word, Excel or PowerPoint file without macros, a PNG or JPEG picture, plain text or CSV."
)
OFFICE = "application/vnd.openxmlformats-officedocument."
OFFICE_KINDS = {
    "docx": f"{OFFICE}wordprocessingml.document",
    "xlsx": f"{OFFICE}spreadsheetml.sheet",
    "pptx": f"{OFFICE}presentationml.presentation",
}
ACTIVE_PARTS = ("vbaproject", "activex", "oleobject", "macrosheets")
BROKEN_PICTURE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True)
class Checked:
    """A file fit to keep: its content (a picture's is drawn anew), what it is, and a harmless name."""

    name: str
    content: bytes
    content_type: str


def check(name: str, content: bytes) -> Checked:
    """The file, checked.

    Raises:
        ValidationError: with words for the person who sent it.
    """
    if not content:
        raise ValidationError("The file is empty.", code="empty")
    if len(content) > LARGEST:
        raise ValidationError(TOO_LARGE, code="size")
    name = harmless_name(name)
    extension = os.path.splitext(name)[1].lstrip(".").lower()
    if extension not in _CHECKS:
        raise ValidationError(UNKNOWN_KIND, code="kind")
    return Checked(name, *_CHECKS[extension](content, extension))


def harmless_name(name: str) -> str:
    """The last part of a name, without anything that a header, a path or a screen could misread, cut to 150 characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(char if _is_plain(char) else " " for char in last)
    stem, extension = os.path.splitext(" ".join(plain.split()))
    return (stem.strip(". ")[: LONGEST_NAME - len(extension)] or "file") + extension


def _is_plain(char: str) -> bool:
    """Neither a control, a direction mark nor a separator of lines, and none of what quotes or wildcards are made of."""
    return unicodedata.category(char)[0] != "C" and char not in '"<>|:*?;%\u2028\u2029'


def _pdf(content: bytes, extension: str) -> tuple[bytes, str]:
    if _kind(content) != "application/pdf" or b"%%EOF" not in content:
        raise _not_what_it_says(extension)
    return content, "application/pdf"


def _picture(content: bytes, extension: str) -> tuple[bytes, str]:
    form = "PNG" if extension == "png" else "JPEG"
    kind = f"image/{form.lower()}"
    if _kind(content) != kind:
        raise _not_what_it_says(extension)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _drawn_anew(content, form), kind
    except BROKEN_PICTURE as broken:
        raise ValidationError("The picture is damaged or too large to open.", code="picture") from broken


def _drawn_anew(content: bytes, form: str) -> bytes:
    """The same picture on a new sheet: pixels only, turned the way the camera meant."""
    with Image.open(io.BytesIO(content), formats=[form]) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        see_through = form == "PNG" and (picture.mode in ("RGBA", "LA") or "transparency" in picture.info)
        upright = ImageOps.exif_transpose(picture).convert("RGBA" if see_through else "RGB")
    sheet = Image.new(upright.mode, upright.size)
    sheet.paste(upright)
    drawn = io.BytesIO()
    sheet.save(drawn, form)
    return drawn.getvalue()


def _office(content: bytes, extension: str) -> tuple[bytes, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            _refuse_wrong_parts(parts, extension)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, EOFError) as broken:
        raise _not_what_it_says(extension) from broken
    return content, OFFICE_KINDS[extension]


def _refuse_wrong_parts(parts: zipfile.ZipFile, extension: str) -> None:
    inside = parts.infolist()
    if len(inside) > MOST_PARTS or sum(part.file_size for part in inside) > LARGEST_UNPACKED:
        raise ValidationError("The file is too large when it is unpacked.", code="size")
    with parts.open("[Content_Types].xml") as declared:
        kinds = declared.read(1024 * 1024).lower()
    names = [part.filename.lower() for part in inside]
    if b"macroenabled" in kinds or any(word in name for name in names for word in ACTIVE_PARTS):
        raise ValidationError("The file holds macros or other programs. Save a copy without them.", code="macros")
    if OFFICE_KINDS[extension].encode() + b".main+xml" not in kinds:
        raise _not_what_it_says(extension)


def _text(content: bytes, extension: str) -> tuple[bytes, str]:
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise ValidationError("The text must be saved as UTF-8.", code="text") from wrong
    if _kind(content) or any(unicodedata.category(char) == "Cc" and char not in "\t\r\n\f" for char in words):
        raise _not_what_it_says(extension)
    return content, "text/csv" if extension == "csv" else "text/plain"


def _kind(content: bytes) -> str:
    """What the first bytes say; empty when they say nothing."""
    found = filetype.guess(content)
    return str(found.mime) if found else ""


def _not_what_it_says(extension: str) -> ValidationError:
    return ValidationError(f"The name ends in .{extension}, but that is not what the file is.", code="content")


_CHECKS: dict[str, Callable[[bytes, str], tuple[bytes, str]]] = {
    "pdf": _pdf,
    "png": _picture,
    "jpg": _picture,
    "jpeg": _picture,
    "txt": _text,
    "csv": _text,
    **dict.fromkeys(OFFICE_KINDS, _office),
}
