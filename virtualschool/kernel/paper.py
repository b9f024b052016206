"""Words on paper: a tagged PDF that a screen reader reads in its order (PDF/UA-1) and that an archive keeps (PDF/A-2a)."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

TEMPLATE = Path(__file__).with_name("paper.typ")
REFUSED = re.compile(r'(?:the text|codepoint) `"(.*?)"`')
BY_NUMBER = re.compile(r"\\u\{([0-9a-f]+)\}")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Record:
    """A row of a table: its name, and what it says of each column; with ``room`` there is space beside each to write on."""

    title: str
    facts: Sequence[tuple[str, str]] = ()
    room: bool = False


@dataclass(frozen=True)
class Row:
    """A question and its answer in paragraphs or ``records``.

    Without any, ``missing`` says so; ``room`` lines are left to write on instead.
    """

    key: str
    lines: Sequence[str] = ()
    missing: str = ""
    room: int = 0
    records: Sequence[Record] = ()


@dataclass(frozen=True)
class Part:
    """A heading with what stands under it: a few words, then rows."""

    title: str
    rows: Sequence[Row] = ()
    words: str = ""


@dataclass(frozen=True)
class Paper:
    """A whole document. ``title`` is what a reader's window shows; ``footer`` stands on every page beside its number.

    ``compact`` sets it small, each answer beside its question, to be one page where it can.
    """

    title: str
    caption: str
    author: str
    made: date
    footer: str
    facts: Sequence[Row] = ()
    parts: Sequence[Part] = field(default_factory=tuple)
    compact: bool = False


def pdf(paper: Paper) -> bytes:
    """The document in British English on A4. Nothing in its words is evaluated, and no font of the machine is used.

    The standards refuse a character that no font here has (Chinese, say); it is printed as a replacement mark, and the last
    part of the document says so, because what the service keeps still has it.
    """
    words: dict[str, Any] = asdict(paper)
    words["made"] = {"year": paper.made.year, "month": paper.made.month, "day": paper.made.day}
    unprintable: set[str] = set()
    while True:
        try:
            return _set(_printable(words, unprintable))
        except typst.TypstError as refusal:
            found = set(_refused_characters(str(refusal))) - unprintable - {REPLACEMENT}
            if not found:
                raise
            unprintable |= found


def _set(words: dict[str, Any]) -> bytes:
    made: bytes = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        format="pdf",
        pdf_standards=["ua-1", "a-2a"],
        font_paths=[settings.PAPER_FONTS],
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(words)},
    )
    return made


def _refused_characters(message: str) -> str:
    """What a refusal quotes as not in the font or not allowed; nothing when it refuses something else.

    What has no picture, such as the bullets of other programs, it writes as a number.
    """
    quoted = "".join(REFUSED.findall(message))
    return BY_NUMBER.sub(lambda number: chr(int(number[1], 16)), quoted)


def _printable(words: Any, without: set[str]) -> Any:
    """The same with every character of ``without`` replaced, wherever it stands."""
    if not without:
        return words
    table = {ord(one): REPLACEMENT for one in without}

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return value.translate(table)
        if isinstance(value, dict):
            return {key: clean(one) for key, one in value.items()}
        return [clean(one) for one in value] if isinstance(value, list | tuple) else value

    return clean(words) | {"unprintable": True}
