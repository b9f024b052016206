"""The coach: what a good PEP would say and this one does not, told before it is sent in. It hinders nobody.

Each note follows from the words by a plain comparison, never from a judgement, and has an id that stays the same while its cause
does, so that whoever writes can put it aside with a reason. What the gate asks for is the gate's to say, not told here again.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Prefetch

from peps import layouts
from peps.enums import Audience
from peps.layouts import FieldType
from peps.models import Pep, PepAnswer, PepSection, PepTarget
from virtualschool.kernel.dates import today
from virtualschool.kernel.money import pounds
from virtualschool.rulebook import rules

# Not the name of a person whom the child could ask.
NOBODY_IN_PARTICULAR = frozenset(
    {
        "all",
        "all staff",
        "everybody",
        "everyone",
        "school",
        "school staff",
        "staff",
        "support staff",
        "ta",
        "tas",
        "tba",
        "tbc",
    }
    | {"teacher", "teachers", "teaching assistant", "team", "the school", "the team"}
)
# What the gate asks of a target where the council's rule says so; where it does not, the coach says it.
ASKED_AT_THE_GATE = {"by_when": "no date", "named_person": "nobody who sees to it", "measure": "no measure"}
NUMBERS = frozenset(
    {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "once", "twice", "every"}
)
MONEY = re.compile(r"£\s?(\d[\d,]*)(?:\.(\d\d))?")
OF_MONEY = re.compile(r"£|\bpp\+|\bppp\b|pupil premium", re.IGNORECASE)
LEAST_WORDS = 4  # a target of fewer says what it is about, not what will be different
# What each kind of note says, for figures that count them.
KINDS = {
    "voice.same_as_last": "The child’s own words are those of last time",
    "voice.not_given_back": "The child was not told what became of their words",
    "words.same_as_last": "Answers word for word those of last time",
    "target.same_as_last": "A target is last time’s",
    "target.short": "A target is very short",
    "target.nothing_done": "A target does not say what is done",
    "target.no_how_often": "A target does not say how often",
    "target.nobody_in_particular": "A target names nobody in particular",
    "target.no_number": "A target without a number",
    "target.no_cost": "A target speaks of money and has no costed line",
    "cost.no_category": "A costed line without the kind of help",
    "money.not_tied": "A sum is not tied to a target",
    **{f"target.no_{name}": f"A target has {words}" for name, words in ASKED_AT_THE_GATE.items()},
}

Said = dict[tuple[str, str], tuple[FieldType, str]]


@dataclass(frozen=True)
class Note:
    """One thing to look at: its id, the words, and the section of the PEP in which it would be mended."""

    id: str
    words: str
    section: str

    @property
    def kind(self) -> str:
        """What kind of note it is, whatever it is about: the first part of its id."""
        return self.id.partition(":")[0]


def notes(pep: Pep) -> list[Note]:
    """Everything the coach would say of the PEP as it stands, whatever was put aside. A constant number of queries."""
    now, last = _said(pep), _said(pep.previous) if pep.previous else {}
    targets = list(PepTarget.objects.filter(pep=pep).prefetch_related("costs"))
    before = PepTarget.objects.filter(pep=pep.previous_id) if pep.previous_id else PepTarget.objects.none()
    goals = {_plain(goal) for goal in before.values_list("goal", flat=True)}
    found = [*_of_the_voice(now, last), *_of_giving_back(pep), *_of_the_words(pep, now, last), *_of_money(now, targets)]
    gate = "targets" in rules.value("pep.submit.required", on=today())
    for place, target in enumerate(targets, 1):
        found.extend(_of_a_target(target, place, goals))
        found.extend(_of_what_can_be_counted(target, place, gate=gate))
    return found


def find(pep: Pep, note: str) -> Note | None:
    """The note of that id, while the coach says it."""
    return next((one for one in notes(pep) if one.id == note), None)


def _said(pep: Pep) -> Said:
    """What is written, by section and field."""
    layout = layouts.of_version(pep.layout)
    sections = PepSection.objects.filter(pep=pep).prefetch_related(
        Prefetch("answers", PepAnswer.objects.order_by("pk"))
    )
    said: Said = {}
    for section in sections:
        spec = layout.section(section.key)
        for answer in section.answers.all():
            field = spec.field(answer.field)
            if field is not None and isinstance(answer.value, str) and answer.value.strip():
                said[section.key, field.key] = (field.type, answer.value)
    return said


def _of_the_voice(now: Said, last: Said) -> Iterator[Note]:
    for (section, field), (kind, value) in now.items():
        if kind is FieldType.OWN_WORDS and _same(value, last.get((section, field))):
            words = "The child’s own words are those of last time. Did anybody ask again?"
            yield Note(f"voice.same_as_last:{section}:{field}", words, section)


def _of_giving_back(pep: Pep) -> Iterator[Note]:
    """A child who said something by a link hears what became of it."""
    if pep.statements.filter(audience=Audience.CHILD).exists() and not pep.given_back.exists():
        words = "The child has said something and has not been told what became of it. Write “You said, we did”."
        yield Note("voice.not_given_back", words, "my_views")


def _of_the_words(pep: Pep, now: Said, last: Said) -> Iterator[Note]:
    """One note for a section, however many of its answers were carried over. It quotes none: who reads them differs."""
    layout = layouts.of_version(pep.layout)
    carried = Counter(
        section
        for (section, field), (kind, value) in now.items()
        if kind is FieldType.LONG_TEXT and _same(value, last.get((section, field)))
    )
    for section, number in carried.items():
        told = "an answer is word for word that" if number == 1 else f"{number} answers are word for word those"
        words = f"“{layout.section(section).title}”: {told} of last time. Is it still so?"
        yield Note(f"words.same_as_last:{section}", words, section)


def _of_a_target(target: PepTarget, place: int, last_goals: Iterable[str]) -> Iterator[Note]:
    def note(kind: str, words: str) -> Note:
        return Note(f"{kind}:{target.uuid}", f"Target {place}: {words}", "targets")

    if _plain(target.goal) in last_goals:
        yield note("target.same_as_last", "it is last time’s. Say what is done differently, or set the next step.")
    if len(target.goal.split()) < LEAST_WORDS:
        yield note("target.short", "say what the child will do that they cannot do now.")
    if not target.what.strip():
        yield note("target.nothing_done", "it does not say what is done.")
    if not target.how_often.strip():
        yield note("target.no_how_often", "it does not say how often.")
    if _plain(target.named_person) in NOBODY_IN_PARTICULAR:
        yield note(
            "target.nobody_in_particular", f"“{target.named_person}” is no person’s name. Whom can the child ask?"
        )
    for cost in target.costs.all():
        if not cost.category:
            words = f"Target {place}: it is not said which kind of help is asked for."
            yield Note(f"cost.no_category:{cost.uuid}", words, "targets")


def _of_what_can_be_counted(target: PepTarget, place: int, *, gate: bool) -> Iterator[Note]:
    """A date, a number, a person, a price: what a target is held to later."""
    for name, words in ASKED_AT_THE_GATE.items():
        if not gate and not getattr(target, name):
            yield Note(f"target.no_{name}:{target.uuid}", f"Target {place}: it has {words}.", "targets")
    said = f"{target.start_point} {target.goal} {target.measure}".casefold()
    if not any(letter.isdigit() for letter in said) and not NUMBERS & set(re.findall(r"[a-z]+", said)):
        yield Note(f"target.no_number:{target.uuid}", f"Target {place}: there is no number to tell it by.", "targets")
    if OF_MONEY.search(f"{target.goal} {target.why} {target.what}") and not target.costs.all():
        words = f"Target {place}: it speaks of money, and no line says what it costs."
        yield Note(f"target.no_cost:{target.uuid}", words, "targets")


def _of_money(now: Said, targets: list[PepTarget]) -> Iterator[Note]:
    """A sum among the targets that is no line's, nor a target's lines together, nor all of them."""
    costs = [[cost.total_pence for cost in target.costs.all()] for target in targets]
    tied = {one for each in costs for one in each} | {sum(each) for each in costs} | {sum(map(sum, costs))}
    words = " ".join(
        [
            *(value for (section, _), (_, value) in now.items() if section == "targets"),
            *(f"{target.goal} {target.why} {target.what}" for target in targets),
        ]
    )
    for whole, part in dict.fromkeys(MONEY.findall(words)):
        pence = int(whole.replace(",", "")) * 100 + int(part or 0)
        if pence not in tied:
            told = f"{pounds(pence)} is not tied to a target. Which one is it for?"
            yield Note(f"money.not_tied:{pence}", told, "targets")


def _same(value: str, last: tuple[FieldType, str] | None) -> bool:
    return last is not None and _plain(value) == _plain(last[1])


def _plain(words: str) -> str:
    """Without what does not change the meaning: capitals, spaces, the full stop at the end."""
    return " ".join(words.casefold().split()).rstrip(".")
