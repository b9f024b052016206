"""Small real files for the made-up authority: a drawing of the sea as a PNG, and a page of words as a PDF."""

import io
from collections.abc import Sequence

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"


def drawing() -> SimpleUploadedFile:
    """The sea, a boat, and the sun."""
    sheet = Image.new("RGB", (320, 220), "white")
    pen = ImageDraw.Draw(sheet)
    pen.ellipse((240, 15, 290, 65), fill="gold")
    for y, blue in ((140, "lightskyblue"), (165, "deepskyblue"), (190, "dodgerblue")):
        pen.rectangle((0, y, 320, y + 30), fill=blue)
    pen.polygon([(90, 130), (200, 130), (180, 160), (110, 160)], fill="sienna")
    pen.polygon([(145, 40), (145, 122), (195, 122)], fill="tomato")
    kept = io.BytesIO()
    sheet.save(kept, "PNG")
    return SimpleUploadedFile("drawing.png", kept.getvalue(), "image/png")


def page(name: str, lines: Sequence[str]) -> SimpleUploadedFile:
    """One page of plain words. They hold no sign that a PDF's text would have to escape, and none beyond Latin-1."""
    words = "".join(f"({line}) Tj 0 -24 Td " for line in lines)
    text = f"BT /F1 13 Tf 60 760 Td {words}ET"
    parts = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        PAGE,
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    return SimpleUploadedFile(name, _whole(parts).encode("latin-1"), "application/pdf")


def _whole(parts: Sequence[str]) -> str:
    """The objects, and the table of where each begins."""
    made, starts = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        starts.append(len(made))
        made += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    size = len(parts) + 1
    return (
        f"{made}xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(made)}\n%%EOF\n"
    )
