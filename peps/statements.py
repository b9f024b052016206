"""What somebody said by a link, as part of the PEP: its rows on pages and on paper, and the questions that it answers by itself.

The one place that says so. A child who gave their own words is not asked again by an adult who would copy them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peps import layouts
from peps.enums import Audience
from peps.layouts import FieldSpec
from peps.models import Pep, PepAnswer, PepSection, VoiceStatement
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import LONDON
from virtualschool.kernel.formfields import long_moment

SHOWN_IN = {"my_views": (Audience.CHILD,), "carer_views": (Audience.CARER, Audience.PARENT)}
OWN_WORDS = {
    Audience.CHILD: "The child’s own words",
    Audience.CARER: "The carer’s own words",
    Audience.PARENT: "A parent’s own words",
}
EVERYBODY = frozenset(Audience)
Row = dict[str, Any]


def of(pep: Pep) -> list[VoiceStatement]:
    """All that was said, in its order. One query."""
    return list(VoiceStatement.objects.filter(pep=pep))


@dataclass(frozen=True)
class Said:
    """One statement, as it stands or as a completed version keeps it."""

    audience: str
    given_at: datetime
    answers: list[dict[str, str]]

    @classmethod
    def now(cls, statement: VoiceStatement) -> "Said":
        return cls(statement.audience, statement.given_at, statement.answers)

    @classmethod
    def kept(cls, plain: Mapping[str, Any]) -> "Said":
        """From what ``plain`` made, gone through JSON."""
        return cls(plain["audience"], datetime.fromisoformat(plain["given_at"]), plain["answers"])


def answered_by(section: PepSection, statements: Iterable[VoiceStatement] | None = None) -> dict[str, Any]:
    """The section's questions that statements answer: how, when and that words are there."""
    if section.key not in SHOWN_IN:
        return {}
    found = of(section.pep) if statements is None else statements
    return answered_in(section.key, [Said.now(one) for one in found])


def standing(
    section: PepSection, written: Iterable[PepAnswer], statements: Iterable[VoiceStatement] | None = None
) -> dict[str, Any]:
    """The section's answers: what adults wrote, and where nothing is written what somebody said by a link.

    The gate, the finishing of a section and the counting of what is missing all ask this.
    """
    found = {answer.field: answer.value for answer in written if not layouts.empty(answer.value)}
    return answered_by(section, statements) | found


def answered_in(section: str, statements: Iterable[Said]) -> dict[str, Any]:
    """As ``answered_by``, for the key of a section."""
    shown = SHOWN_IN.get(section, ())
    found: dict[str, Any] = {}
    for one in statements:
        if one.audience not in shown:
            continue
        given = f"Given by a link, {long_moment(one.given_at)}"
        if one.audience == Audience.CHILD:
            on = one.given_at.astimezone(LONDON).date().isoformat()
            found |= {"how_given": "Wrote", "given_on": on, "my_words": given}
        else:
            found |= {f"{one.audience}_words": given}
    return found


def whose(section: str, spec: FieldSpec) -> str:
    """Whose voice an adult wrote down under a question; of none of the three where it holds several or somebody else's."""
    shown = SHOWN_IN.get(section, ())
    if shown == (Audience.CHILD,):
        return Audience.CHILD
    return next((one for one in shown if spec.key.startswith(f"{one}_")), "")


def may_have(spec: FieldSpec, section: str, voices: Collection[str]) -> bool:
    """Whether a paper with these ``voices`` holds the answer. What is of none of the three is for those alone who have all."""
    return spec.reads != FieldGroup.VOICE or EVERYBODY.issubset(voices) or whose(section, spec) in voices


def may_have_file(section: str, voices: Collection[str]) -> bool:
    """As ``may_have``, of a file of the voice: a drawing of the child's, or, beside the views of several others, nobody's of the three."""
    childs = SHOWN_IN.get(section, (Audience.CHILD,)) == (Audience.CHILD,)
    return EVERYBODY.issubset(voices) or (childs and Audience.CHILD in voices)


def of_child(groups: Collection[FieldGroup], statements: Iterable[VoiceStatement]) -> list[Said]:
    """What the child said by a link, for those who read the child's voice."""
    return [Said.now(one) for one in statements if one.audience == Audience.CHILD and FieldGroup.VOICE in groups]


def rows(
    groups: Collection[FieldGroup],
    section: PepSection,
    statements: Iterable[VoiceStatement],
    voices: Collection[str] = EVERYBODY,
) -> list[Row]:
    """The statements of these voices that stand in a section, for those who read the child's voice: each as given, under its own
    questions."""
    return rows_in(groups, section.key, [Said.now(one) for one in statements if one.audience in voices])


def rows_in(groups: Collection[FieldGroup], section: str, statements: Iterable[Said]) -> list[Row]:
    """As ``rows``, for the key of a section."""
    if FieldGroup.VOICE not in groups:
        return []
    shown = SHOWN_IN.get(section, ())
    return [row for one in statements if one.audience in shown for row in rows_of(one)]


def rows_of(statement: VoiceStatement | Said) -> list[Row]:
    """One statement: when it was given, then each question as it was asked."""
    title = OWN_WORDS[Audience(statement.audience)]
    return [{"key": title, "value": "", "lines": [how_given(statement)]}, *answer_rows(statement.answers)]


def how_given(statement: VoiceStatement | Said) -> str:
    return f"Given by a link on {long_moment(statement.given_at)}, and kept as given"


def answer_rows(answers: Iterable[dict[str, str]]) -> list[Row]:
    """Questions as they were asked, and the words."""
    return [{"key": f"“{one['asked']}”", "value": "", "lines": _lines(one["words"])} for one in answers]


def plain(statement: VoiceStatement) -> dict[str, Any]:
    """As a completed version of the PEP keeps it."""
    return {"audience": statement.audience, "given_at": statement.given_at, "answers": statement.answers}


def _lines(words: str) -> list[str]:
    return [line for line in words.split("\n") if line.strip()]
