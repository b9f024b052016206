"""What may be kept as a file, and what comes disguised."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from children import filecheck
from tests.children.samples import GPS, docx, jpeg, pdf, png


def refusal(name, content) -> str:
    with pytest.raises(ValidationError) as refused:
        filecheck.check(name, content)
    return refused.value.code


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("plan.pdf", pdf(), "application/pdf"),
        ("Plan.PDF", pdf(), "application/pdf"),
        ("plan.docx", docx(), filecheck.OFFICE_KINDS["docx"]),
        ("sums.xlsx", docx("spreadsheetml.sheet"), filecheck.OFFICE_KINDS["xlsx"]),
        ("talk.pptx", docx("presentationml.presentation"), filecheck.OFFICE_KINDS["pptx"]),
        ("photo.jpg", jpeg(), "image/jpeg"),
        ("photo.jpeg", jpeg(), "image/jpeg"),
        ("drawing.png", png(), "image/png"),
        ("words.txt", "Bâtiment à l’école".encode(), "text/plain"),
        ("words.txt", b"\xef\xbb\xbfwith a mark", "text/plain"),
        ("marks.csv", b"date,mark\r\n2026-10-01,/\r\n", "text/csv"),
    ],
)
def test_what_is_what_it_says_is_kept(name, content, kind):
    assert filecheck.check(name, content).content_type == kind


MACRO = {"word/vbaProject.bin": b"x"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("setup.pdf", b"MZ\x90\x00" + bytes(200), "content"),
        ("plan.pdf", b"%PDF-1.7 without an end", "content"),
        ("plan.pdf", png(), "content"),
        ("photo.png", jpeg(), "content"),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(50), "picture"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "kind"),
        ("page.html", b"<script>alert(1)</script>", "kind"),
        ("plan.docm", docx(), "kind"),
        ("plan.pdf.exe", pdf(), "kind"),
        ("plan", pdf(), "kind"),
        (".pdf", pdf(), "kind"),
        ("words.txt", b"MZ\x90\x00" + bytes(200), "text"),
        ("words.txt", b"a\x00b", "content"),
        ("words.csv", "é".encode("cp1252"), "text"),
        ("words.txt", pdf(), "content"),
        ("plan.docx", docx(parts=MACRO), "macros"),
        ("plan.docx", docx(declared="application/vnd.ms-word.document.macroEnabled.main+xml"), "macros"),
        ("plan.docx", docx(parts={"word/activeX/activeX1.bin": b"x"}), "macros"),
        ("plan.docx", docx(parts={"word/embeddings/oleObject1.bin": b"x"}), "macros"),
        ("plan.docx", docx("spreadsheetml.sheet"), "content"),
        ("plan.docx", b"PK\x03\x04 not really", "content"),
        ("plan.docx", pdf(), "content"),
        ("empty.txt", b"", "empty"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name, content, code):
    assert refusal(name, content) == code


def test_a_zip_without_an_office_document_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("anything.txt", "x")
    assert refusal("plan.docx", packed.getvalue()) == "content"


def test_a_zip_that_swells_is_refused(monkeypatch):
    monkeypatch.setattr(filecheck, "LARGEST_UNPACKED", 10_000)
    assert refusal("plan.docx", docx(parts={"word/document.xml": bytes(20_000)})) == "size"


def test_a_file_of_over_twenty_megabytes_is_refused():
    assert refusal("long.txt", b"x" * (filecheck.LARGEST + 1)) == "size"


def test_a_picture_of_too_many_pixels_is_refused(monkeypatch):
    monkeypatch.setattr(filecheck, "MOST_PIXELS", 99)
    assert refusal("photo.png", png((10, 10))) == "picture"


@pytest.mark.parametrize(("name", "content"), [("photo.jpg", jpeg(comment=GPS)), ("drawing.png", png(comment=GPS))])
def test_a_picture_is_drawn_anew_without_what_came_with_it(name, content):
    assert GPS in content
    kept = filecheck.check(name, content).content
    assert GPS not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert dict(picture.getexif()) == {}
        assert picture.size == (12, 8)


def test_a_picture_stands_upright():
    kept = filecheck.check("photo.jpg", jpeg(orientation=6)).content
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (8, 12)


def test_what_is_hidden_behind_a_picture_is_gone():
    kept = filecheck.check("drawing.png", png() + b"PK\x03\x04<script>").content
    assert b"<script>" not in kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/plan.pdf", "plan.pdf"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ("pl\r\nSet-Cookie: x=1\r\nan.pdf", "pl Set-Cookie x=1 an.pdf"),
        ("pl\x00an.pdf", "pl an.pdf"),
        ("plan\u202efdp.exe.pdf", "plan fdp.exe.pdf"),
        ('pl"a;n.pdf', "pl a n.pdf"),
        ("   .pdf", "pdf"),
        ("..", "file"),
        ("Zoë’s plan.pdf", "Zoë’s plan.pdf"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_a_name_can_harm_nobody(given, kept):
    assert filecheck.harmless_name(given) == kept
