"""Reading CSV files of unknown habit, and writing CSV that a spreadsheet cannot be tricked by.

Reading accepts what councils and suppliers send: UTF-8 with or without a byte order mark, UTF-16 with one, Windows-1252
otherwise; commas, semicolons or tabs; either line end; line breaks inside quotation marks. It never guesses about content: a
row that cannot be trusted comes back as a ``BadRow`` with its line and the reason.

Writing guards against formula injection. A text that starts like a formula gets an apostrophe in front, as in a spreadsheet;
``restored`` takes it off again, and reading does so by itself, so that what was written is read back as it was.
"""

import codecs
import csv
import io
import itertools
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_CELL = 4000
MAX_COLUMNS = 500
SHORT = 10
_CHUNK = 1 << 20
_SIGNATURES = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_ENCODING_NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
}
# What a spreadsheet takes for the start of a formula, the full-width forms too.
_FORMULA_STARTS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NEGATIVE_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?", re.ASCII)


class Unreadable(Exception):
    """The file as a whole cannot be read; the message says why in plain words."""


@dataclass(frozen=True)
class Row:
    """A row by column name. ``line`` is the physical line it starts on; the header is line 1."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """The cell's text without surrounding space; empty when the file has no such column."""
        return self.cells.get(column, "")


@dataclass(frozen=True)
class BadRow:
    """A row that was not read, and why. ``column`` and ``value`` are empty when the fault is the row's own."""

    line: int
    reason: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True)
class CsvFile:
    """A file that could be opened. ``rows()`` reads it from the start, a row at a time."""

    name: str
    columns: tuple[str, ...]
    encoding: str
    delimiter: str
    content: bytes = field(repr=False)
    fold: Callable[[str], str] = field(repr=False, default=str)

    @property
    def note(self) -> str:
        """What a person should know of how the file was read; empty when there is nothing to say."""
        if self.encoding == "cp1252":
            return (
                f"{self.name} is not UTF-8; it was read as {_ENCODING_NAMES[self.encoding]}. Check names with accents."
            )
        return ""

    def rows(self) -> Iterator[Row | BadRow]:
        """Every row after the header. Lines that are empty, or hold nothing but delimiters, are no rows."""
        lines = _open(self.content, self.encoding)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        _skip_header(reader)
        while True:
            first = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(first, _broken(error, first, reader.line_num))
                continue
            if any(cell.strip() for cell in cells):
                yield self._row(first, reader.line_num, cells)

    def _row(self, first: int, last: int, cells: list[str]) -> Row | BadRow:
        extra = [cell for cell in cells[len(self.columns) :] if cell.strip()]
        if extra:
            return BadRow(
                first, f"The row has {len(cells)} cells and the header {len(self.columns)}.", value=_shown(extra[0])
            )
        found: dict[str, str] = {}
        # A spreadsheet leaves empty cells at the end of a row out, so a short row is a row with empty cells.
        for column, cell in zip(self.columns, cells, strict=False):
            fault = _fault(cell)
            if fault:
                return BadRow(first, fault + _swallowed(first, last), column, _shown(cell))
            found[column] = _clean(cell)
        return Row(first, found)


def read(content: bytes, *, name: str, fold: Callable[[str], str] = str) -> CsvFile:
    """Open a CSV file.

    Args:
        content: the bytes as they came.
        name: the file's name, for messages.
        fold: applied to each column's name, as ``str.upper``, before rows are keyed by it.

    Raises:
        Unreadable: empty, of another kind, without a header, or with one that names a column twice.
    """
    encoding = _encoding(content)
    delimiter = _delimiter(content, encoding)
    try:
        header = next(csv.reader(_open(content, encoding), delimiter=delimiter, strict=True), [])
    except csv.Error:
        raise Unreadable("The first line is not a row of column names.") from None
    return CsvFile(name, _columns(header, fold), encoding, delimiter, content, fold)


def _encoding(content: bytes) -> str:
    kind = next((words for start, words in _SIGNATURES.items() if content.startswith(start)), "")
    if kind:
        raise Unreadable(f"This is {kind}, not a CSV file.")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if not _decodes(content, "utf-16"):
            raise Unreadable("The file says that it is UTF-16 and is not, or it was cut short.")
        return "utf-16"
    return "utf-8-sig" if _decodes(content, "utf-8-sig") else "cp1252"


def _decodes(content: bytes, encoding: str) -> bool:
    """Whether the whole of it is in this encoding; piece by piece, so that a large file is not held twice."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _CHUNK):
            decoder.decode(content[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _open(content: bytes, encoding: str) -> io.TextIOWrapper:
    """The text, line by line. The five bytes that Windows-1252 leaves undefined become lone surrogates, which ``_fault`` finds."""
    errors = "surrogateescape" if encoding == "cp1252" else "strict"
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, errors=errors, newline="")


def _delimiter(content: bytes, encoding: str) -> str:
    """The one that the first line has most of, outside quotation marks."""
    line = re.sub(r'"[^"]*"', "", _open(content[: 1 << 17], encoding).readline().strip("\ufeff")) if content else ""
    return max(",;\t", key=line.count)


def _columns(header: Sequence[str], fold: Callable[[str], str]) -> tuple[str, ...]:
    while header and not header[-1].strip():
        header = header[:-1]
    if not header:
        raise Unreadable("The file is empty, or its first line is.")
    if len(header) > MAX_COLUMNS or any(_fault(cell) for cell in header):
        raise Unreadable("The first line is not a row of column names.")
    names = [fold(_clean(cell)) or f"(column {place})" for place, cell in enumerate(header, start=1)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Unreadable(f"The first line names a column twice: {', '.join(twice)}.")
    return tuple(names)


def _skip_header(reader: Iterator[list[str]]) -> None:
    next(reader, None)


def _clean(cell: str) -> str:
    """One normal form, no space around, the apostrophe of ``safe`` taken off. Codes and dates recur, so each is kept once."""
    text = cell if cell.isascii() else unicodedata.normalize("NFC", cell)
    text = restored(text.strip().strip("\u00a0"))
    return sys.intern(text) if len(text) <= SHORT else text


def _fault(cell: str) -> str:
    """Why a cell cannot be trusted; empty when it can."""
    if len(cell) > MAX_CELL:
        return f"A cell is longer than {MAX_CELL} characters."
    if cell.isascii() and cell.isprintable():
        return ""
    for character in cell:
        category = unicodedata.category(character)
        if category == "Cs" or (category == "Cc" and character not in "\t\n\r"):
            return "A cell holds a control character or a byte that is no character."
    return ""


def _broken(error: csv.Error, first: int, last: int) -> str:
    words = (
        "A cell is far too long."
        if "field limit" in str(error)
        else "A quotation mark is opened or closed in the wrong place."
    )
    return words + _swallowed(first, last)


def _swallowed(first: int, last: int) -> str:
    return f" Lines {first} to {last} were not read." if last > first else ""


def _shown(cell: str) -> str:
    """A cell for a message: short, and without what cannot be shown."""
    text = "".join(character if character.isprintable() else "\ufffd" for character in cell[:80])
    return text + ("…" if len(cell) > 80 else "")


# ---------------------------------------------------------------- writing


def safe(value: Any) -> str:
    """The text of a cell that no spreadsheet takes for a formula. Numbers stay numbers, identifiers stay as they are."""
    text = "" if value is None else str(value)
    if _like_formula(text) and not _NEGATIVE_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def restored(text: str) -> str:
    """What ``safe`` was given."""
    if text.startswith("'") and _like_formula(text[1:]):
        return text[1:]
    return text


def _like_formula(text: str) -> bool:
    """Starts like a formula, after spaces or guarding apostrophes."""
    return text.lstrip(" '")[:1] in _FORMULA_STARTS if text else False


def write(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """CSV text, a line at a time: commas, CRLF, every cell ``safe``."""
    line = io.StringIO()
    writer = csv.writer(line)
    for row in itertools.chain([columns], rows):
        writer.writerow([safe(cell) for cell in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
