"""Small files of each kind, made in memory."""

import io
import zipfile

from PIL import Image, PngImagePlugin

GPS = b"53.8008N 1.5491W"
OFFICE = "application/vnd.openxmlformats-officedocument."


def pdf() -> bytes:
    return b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"


def docx(
    kind: str = "wordprocessingml.document", *, declared: str = "", parts: dict[str, bytes] | None = None
) -> bytes:
    """An office document's skeleton, with further ``parts``."""
    packed = io.BytesIO()
    content_type = declared or f"{OFFICE}{kind}.main+xml"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types><Override PartName="/a" ContentType="{content_type}"/></Types>'
        )
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    return packed.getvalue()


def jpeg(*, comment: bytes = b"", orientation: int = 1) -> bytes:
    drawn = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = comment.decode()
    Image.new("RGB", (12, 8), "green").save(drawn, "JPEG", exif=exif, comment=comment)
    return drawn.getvalue()


def png(size: tuple[int, int] = (12, 8), *, comment: bytes = b"") -> bytes:
    drawn = io.BytesIO()
    words = PngImagePlugin.PngInfo()
    words.add_text("Location", comment.decode())
    Image.new("RGBA", size, (0, 120, 0, 128)).save(drawn, "PNG", pnginfo=words)
    return drawn.getvalue()
