"""The prompts beside it: who is asked what, in dated versions. A link keeps to the version it was made with."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from peps.enums import Audience, PepPhase
from virtualschool.accounts.roles import ROLES, FieldGroup

HERE = Path(__file__).parent
FACES, CHOICE, WORDS = "faces", "choice", "words"
LAST_TIME = "about_last_time"


class BadPrompts(ValueError):
    """A list of prompts that contradicts itself; says where."""


@dataclass(frozen=True)
class Choice:
    """One answer to choose; ``picture`` names a drawing of a face."""

    key: str
    label: str
    picture: str = ""


@dataclass(frozen=True)
class Prompt:
    """One question. ``worried`` are the choices that an adult reads the same day."""

    audience: str
    key: str
    ask: str
    kind: str
    help: str
    phases: frozenset[str]
    choices: tuple[Choice, ...]
    worried: frozenset[str]

    def words_of(self, value: str) -> str:
        """The answer as its giver saw it: the words of a choice, else what was written."""
        return next((one.label for one in self.choices if one.key == value), value)


# Asked before the others of a child who was told what became of what they said last time. In no list, for not every child has it: then there is
# one question more.
OF_LAST_TIME = Prompt(
    audience=Audience.CHILD.value,
    key=LAST_TIME,
    ask="You told us things last time. What do you think of what we did?",
    kind=WORDS,
    help="You can say that it is good, that it is not what you meant, or what is still missing.",
    phases=frozenset(PepPhase.values),
    choices=(),
    worried=frozenset(),
)


@dataclass(frozen=True)
class Prompts:
    """One version of the whole list."""

    version: str
    starts: date
    readers: Mapping[str, str]
    prompts: tuple[Prompt, ...]

    def asked(self, audience: str, phase: str) -> tuple[Prompt, ...]:
        """What somebody is asked about a child in a phase, in order."""
        return tuple(one for one in self.prompts if one.audience == audience and phase in one.phases)

    def who_reads(self) -> list[str]:
        """Everybody who will read it, in words for a child: the roles that read the child's voice."""
        return [words for role, words in self.readers.items() if FieldGroup.VOICE in ROLES[role].reads]


@cache
def versions() -> dict[str, Prompts]:
    """Every version, oldest first."""
    found = sorted((read(path) for path in HERE.glob("prompts_*.toml")), key=lambda one: one.starts)
    return {one.version: one for one in found}


def current(on: date) -> Prompts:
    """The version in force on the day; the first for a day before them all."""
    known = list(versions().values())
    return next((one for one in reversed(known) if one.starts <= on), known[0])


def read(path: Path) -> Prompts:
    """One file.

    Raises:
        BadPrompts: when a key comes twice where it would be asked twice, or a choice is not known.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    faces = tuple(Choice(row["key"], row["label"], row["picture"]) for row in data["face"])
    prompts = tuple(_prompt(row, faces) for row in data["prompt"])
    asked = [(one.audience, phase, one.key) for one in prompts for phase in one.phases]
    if len(asked) != len(set(asked)):
        raise BadPrompts(f"{path.name}: a question is asked twice")
    return Prompts(data["version"], data["starts"], data["readers"], prompts)


def _prompt(row: Mapping[str, Any], faces: tuple[Choice, ...]) -> Prompt:
    chosen = tuple(Choice(key, label) for key, label in row.get("choices", ()))
    prompt = Prompt(
        audience=Audience(row["audience"]).value,
        key=row["key"],
        ask=row["ask"],
        kind=row["kind"],
        help=row.get("help", ""),
        phases=frozenset(PepPhase(phase).value for phase in row.get("phases", PepPhase.values)),
        choices={FACES: faces, CHOICE: chosen, WORDS: ()}[row["kind"]],
        worried=frozenset(row.get("worried", ())),
    )
    if prompt.worried - {one.key for one in prompt.choices}:
        raise BadPrompts(f"{prompt.key}: no such choice to worry about")
    return prompt
