"""Which stops stand before a move, who is consulted and which clocks run: rules over the facts of a case, without a database.

"For students in Year 6 and Year 11 all moves of school need to be avoided", "children in care cannot be home educated and cannot be
educated in schools out of their year group" ("Devon Virtual School: information for IROs and social workers"). Care Planning,
Placement and Case Review (England) Regulations 2010, regulation 10: in Years 10 and 11 a nominated officer approves first,
satisfied of four conditions, unless it is an emergency.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from referrals.enums import Consultee, Destination, StopKey
from virtualschool.rulebook.rules import InForce, Pack
from virtualschool.rulebook.schoolyear import curriculum_year_words

REGULATION_9 = "Care Planning, Placement and Case Review (England) Regulations 2010, regulation 9(1)(b)"
REGULATION_10 = "Care Planning, Placement and Case Review (England) Regulations 2010, regulation 10(2)"
DEVON = "Devon Virtual School: information for IROs and social workers"
CALDERDALE = "Calderdale: the role of the Virtual School"
SEPARATION = "Proposed by this system: no move is approved by whoever asked for it"


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """One school that the move could lead to."""

    name: str
    urn: str = ""
    taught_year: int | None = None  # None: the year of the child's age
    below_line: bool | None = None  # None: no judgement is known
    line_words: str = ""
    unplanned: int | None = None  # courses that have neither a match nor a plan; None: nobody looks before Year 10


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the stops are reckoned from. ``year``: the curriculum year on the day on which the child would move."""

    year: int
    wanted_on: date
    destination: Destination
    changes_care: bool = False
    has_plan: bool = False  # an education, health and care plan
    out_of_area: bool = False  # a proposed school lies in another council's area
    emergency: bool = False
    on_roll: bool = True  # there is a school to be kept
    keep_answered: bool = False
    schools: tuple[Proposed, ...] = ()
    consulted: frozenset[str] = frozenset()  # asked, or why they could not be asked
    heard: frozenset[str] = frozenset()  # truly consulted
    exceptions: frozenset[tuple[str, str, str]] = frozenset()  # (stop, school's URN or "", what was excepted)

    @property
    def changes_school(self) -> bool:
        return self.destination != Destination.SAME


@dataclass(frozen=True)
class Stop:
    """A stop. ``settled``: nothing stands there any more; ``by_whom``: the decision itself settles it, by this person."""

    key: StopKey
    reason: str
    source: str
    settled: bool
    by_whom: str = ""
    about: str = ""  # the school, where it concerns one
    urn: str = ""
    excepted: bool = False  # the head may make an exception
    what: str = ""  # what an exception would be from, in words; one from anything else does not settle it

    @property
    def open(self) -> bool:
        """Whether it keeps a decision from being made."""
        return not (self.settled or self.by_whom)


@dataclass(frozen=True)
class Asked:
    """Somebody who is consulted. ``must``: law asks that they truly were; otherwise a reason why not will do."""

    who: Consultee
    why: str
    source: str
    must: bool = False


@dataclass(frozen=True)
class Runs:
    """A clock that such a move starts: the rule's key, and what starts it."""

    rule_key: str
    started_by: str


@dataclass(frozen=True)
class Outlook:
    """Everything that stands before one move."""

    facts: Facts
    stops: tuple[Stop, ...]
    consultees: tuple[Asked, ...]
    clocks: tuple[Runs, ...]

    @property
    def open(self) -> tuple[Stop, ...]:
        """The stops that keep it from being decided."""
        return tuple(stop for stop in self.stops if stop.open)

    def has(self, key: StopKey) -> bool:
        return any(stop.key == key for stop in self.stops)


def outlook(facts: Facts, in_force: Pack) -> Outlook:
    """Reckon it all. ``in_force``: the rules ``move.…`` on the day on which the child would move."""
    consultees = tuple(_consultees(facts, needs_nominated_officer(facts.year, in_force)))
    return Outlook(
        facts,
        tuple(_stops(facts, in_force, consultees)),
        consultees,
        tuple(_clocks(facts)),
    )


def needs_nominated_officer(year: int, in_force: Pack) -> bool:
    """Whether regulation 10 guards a move in this year."""
    return year in in_force.get("move.nominated_officer_years").value


def _stops(facts: Facts, in_force: Pack, consultees: tuple[Asked, ...]) -> Iterator[Stop]:
    if facts.on_roll:
        asked = "Say whether the school could be kept: how far, how long, who pays for the journey."
        later = f"{asked} It was acted on first, so the answer is due with the account." if facts.emergency else asked
        reason = "The question was answered." if facts.keep_answered else later
        yield Stop(StopKey.KEEP, reason, DEVON, facts.keep_answered)
    yield _everybody(facts, consultees)
    yield from _where_to(facts, in_force)
    yield from _whose_decision(facts, in_force)
    if not facts.emergency:
        words = "Somebody else than whoever proposes decides."
        yield Stop(StopKey.TWO, words, SEPARATION, settled=False, by_whom="another person")


def _everybody(facts: Facts, consultees: tuple[Asked, ...]) -> Stop:
    waiting = [
        asked.who.label for asked in consultees if asked.who not in (facts.heard if asked.must else facts.consulted)
    ]
    told = f"Still to be asked: {', '.join(waiting)}." if waiting else "Everybody was asked."
    source = f"{REGULATION_10}; {DEVON}" if any(asked.must for asked in consultees) else DEVON
    return Stop(StopKey.CONSULTED, told, source, settled=not waiting)


def _where_to(facts: Facts, in_force: Pack) -> Iterator[Stop]:
    if facts.destination == Destination.HOME:
        rule = in_force.get("move.home_education")
        yield _excepted(
            facts, rule, StopKey.HOME, "A child in care is not educated at home.", curriculum_year_words(facts.year)
        )
    if facts.destination != Destination.SCHOOL:
        return
    named = ", ".join(school.name for school in facts.schools)
    yield Stop(StopKey.SCHOOL, named or "Name the school, or the schools in order.", DEVON, settled=bool(named))
    for school in facts.schools:
        if school.taught_year is not None and school.taught_year != facts.year:
            rule = in_force.get("move.out_of_year")
            words = f"{school.name} would teach the child out of the year group of their age."
            what = f"{curriculum_year_words(school.taught_year)} instead of {curriculum_year_words(facts.year)}"
            yield _excepted(facts, rule, StopKey.OUT_OF_YEAR, words, what, school)
        if school.below_line:
            rule = in_force.get("move.school_line")
            words = f"{school.name} stands below the line: {school.line_words}."
            yield _excepted(facts, rule, StopKey.LINE, words, school.line_words, school)
        if school.unplanned is not None and not facts.emergency:
            yield _courses(school, school.unplanned)


def _courses(school: Proposed, waiting: int) -> Stop:
    told = f"{waiting} without a match or a plan at {school.name}." if waiting else f"All settled for {school.name}."
    source = f"{DEVON}: examination boards and subjects are unlikely to match"
    return Stop(StopKey.COURSES, told, source, settled=not waiting, about=school.name)


def _whose_decision(facts: Facts, in_force: Pack) -> Iterator[Stop]:
    if facts.emergency:
        return
    disrupts = facts.changes_school or facts.changes_care
    officer = in_force.get("move.nominated_officer_years")
    if disrupts and facts.year in officer.value:
        words = "In Years 10 and 11 the nominated officer approves first, satisfied of four conditions."
        yield Stop(StopKey.NOMINATED, words, officer.source, settled=False, by_whom="the nominated officer")
    head = in_force.get("move.flag_years")
    if facts.changes_school and facts.year in head.value:
        words = (
            f"A move in Year {facts.year} is to be avoided. The Virtual School Head is told as soon as it is proposed."
        )
        above = facts.year in officer.value
        whom = "the nominated officer" if above else "the Virtual School Head"
        yield Stop(StopKey.HEAD, words, head.source, settled=False, by_whom=whom)


def _excepted(facts: Facts, rule: InForce, key: StopKey, words: str, what: str, school: Proposed | None = None) -> Stop:
    """A refusal that only the head's exception from just this settles, where the council's rule leaves one."""
    about, urn = (school.name, school.urn) if school else ("", "")
    settled = (key.value, urn, what) in facts.exceptions
    how = (
        " An exception was made by the Virtual School Head."
        if settled
        else " Only the Virtual School Head may make an exception, with a reason."
    )
    leaves = leaves_exception(rule)
    if not leaves:
        settled, how = False, " The council allows no exception."
    return Stop(key, words + how, rule.source, settled, about=about, urn=urn, excepted=leaves, what=what)


def leaves_exception(rule: InForce) -> bool:
    """Whether the council's rule leaves an exception to its head."""
    value = rule.value.get("exception") if isinstance(rule.value, dict) else rule.value
    return bool(value != "never")


def _consultees(facts: Facts, key_stage_4: bool) -> Iterator[Asked]:
    """In Years 10 and 11 child, designated teacher and reviewing officer must truly be consulted before the approval."""
    guarded = key_stage_4 and not facts.emergency
    yield Asked(Consultee.CHILD, "What the child wishes and feels", REGULATION_9, must=guarded)
    yield Asked(Consultee.PARENTS, "Parents are part of the care plan", REGULATION_9)
    yield Asked(Consultee.CARER, "The carer knows the mornings and the journey", REGULATION_9)
    yield Asked(Consultee.SOCIAL_WORKER, "The move is discussed with the social worker", DEVON)
    if facts.on_roll:
        yield Asked(Consultee.TEACHER_NOW, "The designated teacher is consulted", REGULATION_10, must=guarded)
    if facts.destination == Destination.SCHOOL:
        yield Asked(Consultee.TEACHER_NEW, "What the new school needs to be ready", DEVON)
    yield Asked(Consultee.IRO, "The reviewing officer is consulted", REGULATION_10, must=guarded)
    if facts.has_plan:
        yield Asked(Consultee.SEN, "The SEN 0-25 team is told at the earliest", DEVON)
    if facts.changes_school and facts.destination == Destination.SCHOOL:
        yield Asked(Consultee.ADMISSIONS, "Applied for in liaison with the admissions team", DEVON)
        if facts.out_of_area:
            yield Asked(Consultee.OTHER_ADMISSIONS, "The school's own council coordinates its places", CALDERDALE)


def _clocks(facts: Facts) -> Iterator[Runs]:
    if facts.emergency:
        yield Runs("move.account_after_emergency", "the emergency was acted on")
        if facts.changes_school:
            yield Runs("education.emergency", "the emergency was acted on")
    if facts.has_plan:
        yield Runs("sen.move_answer", "the SEN officers were told of the move")
    if facts.destination == Destination.SCHOOL:
        yield Runs("admissions.in_year.aim", "the school place was applied for")
        yield Runs("admissions.in_year.limit", "the school place was applied for")
        yield Runs("pep.new_school", "the child came on the new school's roll")
