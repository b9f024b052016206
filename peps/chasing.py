"""Who still owes what for open PEPs: one meaning for the chase, for each person's own list, and for the night.

A section that was asked for is owed by whoever is asked for it; after the meeting, what the gate finds missing is owed by the person it
names, and when nothing is missing the sending in itself; an invitation by the person invited; an answer by the child's advocate.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.enums import TextChoices
from django.urls import reverse

from children.enums import RelationKind
from children.models import Relationship
from peps import layouts, workflow
from peps.actions.meetings import ROLE_OF_OWNER
from peps.actions.submitting import Missing, gates
from peps.enums import Owner, PepState, Seat
from peps.models import MeetingInvitation, Pep, PepSection, SectionDelegation
from peps.people import OWNER_SEATS, People, people_of_all
from peps.querysets import owed
from virtualschool.accounts.models import User
from virtualschool.kernel import periods
from virtualschool.kernel.dates import LONDON, today
from virtualschool.kernel.formfields import long_date
from virtualschool.rulebook import rules
from virtualschool.rulebook.rules import Book, InForce

# In these states sections have been asked for, each with its day.
WRITING = (PepState.PREPARING, PepState.MEETING_HELD, PepState.RETURNED)
AFTER_MEETING = (PepState.MEETING_HELD, PepState.RETURNED)


class Kind(TextChoices):
    """What kind of thing is owed."""

    SECTION = "section", "section to finish"
    MISSING = "missing", "thing missing"
    SEND_IN = "send_in", "PEP to send in"
    ANSWER = "answer", "PEP to answer"
    INVITATION = "invitation", "invitation to answer"


@dataclass(frozen=True)
class Thing:
    """One thing that somebody owes: what, for which PEP, by when and by which rule, and where it is done.

    ``rule`` is None where the day is not a rule's: an invitation is answered before the meeting. ``person`` is None when nobody is
    known who has the ``seat``.
    """

    kind: Kind
    words: str
    pep: Pep
    person: User | None
    seat: Seat
    href: str
    due_on: date
    rule: InForce | None = None
    explained_at: str = ""

    @property
    def child_id(self) -> int:
        return self.pep.child_id

    def late(self, on: date) -> bool:
        """What is due on a day is overdue from the day after."""
        return self.due_on < on

    @property
    def sort_key(self) -> tuple[date, int, str]:
        return self.due_on, self.pep.pk, self.words


@dataclass
class Debtor:
    """Somebody and all that they owe, oldest first; or a part that nobody has, at one school."""

    key: str
    person: User | None
    seat: Seat
    things: list[Thing] = field(default_factory=list)

    @property
    def children(self) -> int:
        return len({thing.child_id for thing in self.things})

    @property
    def first_due_on(self) -> date:
        return self.things[0].due_on

    @property
    def telephone(self) -> str:
        """How else to reach them: their own number, else the office of the school concerned."""
        if self.person is not None and self.person.telephone:
            return str(self.person.telephone)
        if self.person is not None and self.person.role != "teacher":
            return ""
        schools = (thing.pep.school for thing in self.things)
        return next((school.telephone for school in schools if school and school.telephone), "")


def sections_asked_for() -> QuerySet[PepSection]:
    """Sections with a day, of PEPs that are being written, which their owners have not finished."""
    return PepSection.objects.filter(owed(), pep__state__in=WRITING, due_on__isnull=False)


def owed_for(peps: QuerySet[Pep]) -> list[Thing]:
    """All that is owed for the open ones among these PEPs, oldest first. A constant number of queries."""
    known = {
        pep.pk: pep
        for pep in peps.filter(state__in=(*WRITING, *workflow.WITH_VIRTUAL_SCHOOL)).select_related(
            "child", "school", "clock__rule"
        )
    }
    people = people_of_all(known.values(), today())
    book = rules.load("pep.")
    given = _given(known)
    sections = list(sections_asked_for().filter(pep__in=known).order_by("position"))
    found = [_section(one, known[one.pep_id], asked(one, people[one.pep_id], given), book) for one in sections]
    found += _gate(known, people, given, {section.pk for section in sections})
    found += _answers(known)
    found += _invitations(known)
    return sorted(found, key=lambda thing: thing.sort_key)


def by_person(things: Iterable[Thing]) -> list[Debtor]:
    """The same things by whoever owes them, the oldest date first."""
    found: dict[str, Debtor] = {}
    for thing in sorted(things, key=lambda thing: thing.sort_key):
        key = _key(thing)
        found.setdefault(key, Debtor(key, thing.person, thing.seat)).things.append(thing)
    return sorted(found.values(), key=lambda one: (one.first_due_on, str(one.person or ""), one.key))


def owed_by(user: User) -> list[Thing]:
    """What one person owes, for the PEPs they see and for those of which a section was given to them."""
    sections = PepSection.objects.visible_to(user).values("pep")
    peps = Pep.objects.filter(Q(pk__in=Pep.objects.visible_to(user).values("pk")) | Q(pk__in=sections))
    return [thing for thing in owed_for(peps) if thing.person == user]


def asked(section: PepSection, people: People, given: Mapping[int, User]) -> User | None:
    """Who is asked for a section: the colleague to whom it was ``given``, by the section's key, else whoever owns it."""
    return given.get(section.pk) or people.owning(section.owner)


def _given(peps: Iterable[int]) -> dict[int, User]:
    """To whom sections of these PEPs are given now, by the section's key."""
    rows = SectionDelegation.objects.filter(section__pep__in=peps, until__isnull=True).select_related("colleague")
    return {row.section_id: row.colleague for row in rows}


# ---------------------------------------------------------------- parts


def _key(thing: Thing) -> str:
    if thing.person is not None:
        return str(thing.person.uuid)
    return f"nobody-{thing.seat}-{thing.pep.school.urn if thing.pep.school else 'no-school'}"


def _section(section: PepSection, pep: Pep, person: User | None, book: Book) -> Thing:
    title = layouts.of_version(pep.layout).section(section.key).title
    rule, explained_at = _rule_of(section, pep, book)
    return Thing(
        Kind.SECTION,
        f"“{title}”",
        pep,
        person,
        OWNER_SEATS[Owner(section.owner)],
        reverse("peps:section", args=[section.uuid]),
        section.due_on,
        rule,
        explained_at,
    )


def _rule_of(section: PepSection, pep: Pep, book: Book) -> tuple[InForce | None, str]:
    """What is written after the meeting is due with the PEP, by its clock; what is written before it by the owner's own rule."""
    if pep.clock and pep.state in AFTER_MEETING and section.due_on == pep.due_on:
        return _clock_of(pep)
    role = ROLE_OF_OWNER[section.owner]
    rule = book.variant("pep.section_ready", by="owner", code=role, on=pep.opened_on)
    return rule, reverse("rulebook:detail", args=[rule.key]) if rule else ""


def _clock_of(pep: Pep) -> tuple[InForce | None, str]:
    return (rules.in_force(pep.clock.rule), pep.clock.get_absolute_url()) if pep.clock else (None, "")


def _gate(
    known: dict[int, Pep], people: dict[int, People], given: Mapping[int, User], sections: set[int]
) -> Iterable[Thing]:
    """What stands between a PEP whose meeting was held and its being sent in, besides the unfinished sections themselves."""
    after = [pep for pep in known.values() if pep.state in AFTER_MEETING]
    waiting = gates(after)
    for pep in after:
        rest = [one for one in waiting[pep.pk] if not (one.section and one.section.pk in sections)]
        yield from (_missing(one, pep, people[pep.pk], given) for one in rest)
        if not waiting[pep.pk]:
            yield _send_in(pep, people[pep.pk])


def _missing(one: Missing, pep: Pep, people: People, given: Mapping[int, User]) -> Thing:
    person = asked(one.section, people, given) if one.section else people.owning(one.owner)
    href = reverse("peps:section", args=[one.section.uuid]) if one.section else pep.get_absolute_url()
    return Thing(Kind.MISSING, one.words, pep, person, OWNER_SEATS[one.owner], href, pep.due_on, *_clock_of(pep))


def _send_in(pep: Pep, people: People) -> Thing:
    """The designated teacher sends it in; of a child without a school, whom ``policies.can_submit`` names."""
    seat = Seat.DESIGNATED_TEACHER if pep.school_id else Seat.SOCIAL_WORKER
    href = reverse("peps:submit", args=[pep.uuid])
    return Thing(Kind.SEND_IN, "Send the PEP in", pep, people.at(seat), seat, href, pep.due_on, *_clock_of(pep))


def _answers(known: dict[int, Pep]) -> Iterable[Thing]:
    """PEPs that wait for the child's advocate; nobody's when the advocate wrote any of it, for somebody else answers it then."""
    ties = Relationship.objects.filter(periods.on(today()), child=OuterRef("child"), kind=RelationKind.ADVOCATE)
    rows = Pep.objects.to_grade().filter(pk__in=known)
    rows = rows.annotate(advocate=Subquery(ties.order_by("start").values("user")[:1]))
    rows = rows.annotate(by_them=ExpressionWrapper(rows.wrote(OuterRef("advocate")), BooleanField()))
    found = list(rows.values_list("pk", "advocate", "by_them"))
    users = User.objects.in_bulk({advocate for _, advocate, _ in found if advocate})
    for pk, advocate, by_them in found:
        pep = known[pk]
        person = None if by_them else users.get(advocate)
        href = reverse("peps:quality", args=[pep.uuid])
        yield Thing(Kind.ANSWER, "Answer the PEP", pep, person, Seat.ADVOCATE, href, pep.due_on, *_clock_of(pep))


def _invitations(known: dict[int, Pep]) -> Iterable[Thing]:
    rows = MeetingInvitation.objects.unanswered().filter(meeting__pep__in=known)
    for one in rows.select_related("user", "meeting"):
        pep, on = known[one.meeting.pep_id], one.meeting.starts_at.astimezone(LONDON).date()
        words = f"Answer the invitation to the meeting of {long_date(on)}"
        href = reverse("peps:meeting", args=[one.meeting.uuid])
        yield Thing(Kind.INVITATION, words, pep, one.user, Seat(one.seat), href, on)
