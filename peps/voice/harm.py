"""Whether words ask for an adult the same day. A plain comparison with a dated list: no judgement, and no claim to find everything."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
FIGURES = str.maketrans("013457@$", "oieastas")
DOUBLED = re.compile(r"(.)\1+")
LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class HarmWords:
    """One version of the list: patterns for whole words, and phrases without spaces, each with what it is about."""

    version: str
    starts: date
    sources: tuple[str, ...]
    words: tuple[tuple[re.Pattern[str], str], ...]
    phrases: tuple[tuple[str, str], ...]

    def found_in(self, text: str) -> list[str]:
        """What the text may be about, each once; empty for a text in which nothing of the list stands."""
        tokens = tokens_of(text)
        run = "".join(tokens)
        about = [why for pattern, why in self.words if any(pattern.fullmatch(token) for token in tokens)]
        about += [why for phrase, why in self.phrases if phrase in run]
        return list(dict.fromkeys(about))


@cache
def versions() -> dict[str, HarmWords]:
    """Every version, oldest first."""
    found = sorted((_read(path) for path in HERE.glob("harm_*.toml")), key=lambda one: one.starts)
    return {one.version: one for one in found}


def current(on: date) -> HarmWords:
    """The list in force on the day; the first for a day before them all."""
    known = list(versions().values())
    return next((one for one in reversed(known) if one.starts <= on), known[0])


def tokens_of(text: str) -> list[str]:
    """The words of a text in one plain form; letters that stand apart ("h i t") are also read as one word."""
    words = [_plain(word) for word in LETTERS.findall(_readable(text))]
    return [*words, *_spelled_out(words)]


def _readable(text: str) -> str:
    """Without capitals, accents and what cannot be seen; apostrophes are no end of a word; figures stand for letters."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    seen = "".join(one for one in apart if unicodedata.category(one) not in ("Mn", "Cf", "Me"))
    return re.sub("['’`]", "", seen).translate(FIGURES)


def _plain(word: str) -> str:
    return DOUBLED.sub(r"\1", word)


def _spelled_out(words: list[str]) -> list[str]:
    found, run = [], ""
    for word in [*words, "--"]:
        if len(word) == 1:
            run += word
            continue
        if len(run) > 1:
            found.append(_plain(run))
        run = ""
    return found


def _read(path: Path) -> HarmWords:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    words, phrases = [], []
    for entry in data["entry"]:
        words += [(_pattern(word), entry["why"]) for word in entry["words"]]
        phrases += [("".join(tokens_of(phrase)), entry["why"]) for phrase in entry["phrases"]]
    return HarmWords(data["version"], data["starts"], tuple(data["sources"]), tuple(words), tuple(phrases))


def _pattern(word: str) -> re.Pattern[str]:
    stem = re.escape(_plain(_readable(word.rstrip("*"))))
    return re.compile(f"{stem}.*" if word.endswith("*") else stem)
