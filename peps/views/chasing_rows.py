"""Who owes what, in words and rows: a person of the list, a thing that is owed, a line of the file, a reminder that was sent."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.timezone import localdate

from peps.chasing import Debtor, Kind, Thing
from peps.models import PepChaser
from peps.views.common import kind_words
from virtualschool.jobs.enums import MailState
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.kernel.tables import Cell, Column, Table, table

WHO = "who"  # what the tick boxes are sent as, and what names a person in the address of their list
COLUMNS = [
    Column("Choose", hidden=True),
    Column("Person", header=True),
    Column("Children", numeric=True),
    Column("What"),
    Column("First due"),
    Column("Last reminder"),
]
THING_COLUMNS = [Column("Due"), Column("What"), Column("Child", header=True), Column("School"), Column("By which rule")]
SENT_COLUMNS = [
    Column("To"),
    Column("When"),
    Column("By"),
    Column("Things", numeric=True),
    Column("First due"),
    Column("Mail"),
]
PLURALS = {
    Kind.SECTION: "sections to finish",
    Kind.MISSING: "things missing",
    Kind.SEND_IN: "PEPs to send in",
    Kind.ANSWER: "PEPs to answer",
    Kind.INVITATION: "invitations to answer",
}
FILE_HEADINGS = [
    "Person",
    "Role",
    "Telephone",
    "E-mail",
    "School",
    "Child",
    "PEP",
    "What",
    "Due",
    "Overdue",
    "Rule",
    "Kind of rule",
]
STATES = {
    MailState.DUE: {"text": "Waiting", "status": "waiting"},
    MailState.SENT: {"text": "Sent", "status": "done"},
    MailState.FAILED: {"text": "Failed", "status": "overdue"},
    MailState.DROPPED: {"text": "Not sent", "status": "cancelled"},
}
BOUNCED = {"text": "Came back", "status": "overdue"}


def name_of(one: Debtor) -> str:
    return one.person.name if one.person else f"No {one.seat.label} known"


def role_of(one: Debtor) -> str:
    if one.person:
        return str(one.person.role_class.title)
    school = one.things[0].pep.school if one.things else None
    return school.name if school else "No school"


def kinds(one: Debtor) -> str:
    counts = Counter(thing.kind for thing in one.things)
    return ", ".join(
        f"{counts[kind]} {kind.label if counts[kind] == 1 else PLURALS[kind]}" for kind in Kind if counts[kind]
    )


def person_row(one: Debtor, last: dict[int, PepChaser], query: str) -> list[Cell]:
    link = with_query("peps:chase_person", "&".join(part for part in (urlencode({WHO: one.key}), query) if part))
    tag = {"text": "Mail came back", "status": "overdue"} if one.person and one.person.email_bounced_at else None
    chaser = last.get(one.person.pk) if one.person else None
    return [
        Cell(f"Choose {name_of(one)}", choice=one.key) if one.person else Cell(),
        Cell(
            name_of(one),
            href=link,
            hint=role_of(one),
            tag=tag,
            lines=(by_telephone(one),) if tag or not one.person else (),
        ),
        Cell(str(one.children)),
        Cell(kinds(one)),
        Cell(long_date(one.first_due_on), tag=_late_tag(one.things[0])),
        Cell(long_date(chaser.day), tag=_mail_tag(chaser.message)) if chaser else Cell("None"),
    ]


def _late_tag(thing: Thing) -> dict[str, str] | None:
    """Overdue by what: the law, the council's policy or a local target."""
    if not thing.late(today()):
        return None
    kind = thing.rule.kind_label.lower() if thing.rule else "before the meeting"
    return {"text": f"Overdue: {kind}", "status": "overdue"}


def things_table(things: Iterable[Thing], caption: str, empty: str, known: set[int] | None = None) -> Table:
    """``known``: the PEPs to whose page the reader may go, where that is not all of them."""
    rows = [
        [
            Cell(long_date(thing.due_on), tag=_late_tag(thing)),
            Cell(capfirst(thing.words), href=thing.href, hint=kind_words(thing.pep)),
            Cell(
                thing.pep.child.name,
                href=thing.pep.get_absolute_url() if known is None or thing.pep.pk in known else "",
            ),
            Cell(thing.pep.school.name if thing.pep.school else "No school"),
            Cell(
                thing.rule.words if thing.rule else "Answered before the meeting",
                href=thing.explained_at,
                hint=thing.rule.source if thing.rule else "",
            ),
        ]
        for thing in things
    ]
    return table(caption, THING_COLUMNS, rows, empty=empty, caption_hidden=True)


def file_line(one: Debtor, thing: Thing) -> list[Any]:
    late, rule = thing.late(today()), thing.rule
    return [
        name_of(one),
        role_of(one) if one.person else str(one.seat.label),
        one.telephone,
        one.person.email if one.person else "",
        thing.pep.school.name if thing.pep.school else "",
        thing.pep.child.name,
        kind_words(thing.pep),
        capfirst(thing.words),
        thing.due_on.isoformat(),
        "yes" if late else "no",
        rule.words if rule else "Answered before the meeting",
        rule.kind_label if rule else "",
    ]


def sent_row(chaser: PepChaser) -> list[Cell]:
    message = chaser.message
    return [
        Cell(chaser.to.name, hint=str(chaser.to.role_class.title)),
        Cell(long_moment(chaser.at)),
        Cell(str(chaser.by) if chaser.by else "The night"),
        Cell(str(chaser.things)),
        Cell(long_date(chaser.first_due_on)),
        Cell(
            long_moment(message.sent_at) if message.sent_at else "", tag=_mail_tag(message), lines=_mail_lines(chaser)
        ),
    ]


def _mail_tag(message: Message) -> dict[str, str]:
    return BOUNCED if message.bounced_at else STATES[MailState(message.state)]


def _mail_lines(chaser: PepChaser) -> tuple[str, ...]:
    message = chaser.message
    if message.bounced_at:
        telephone = f"Telephone {chaser.to.telephone}." if chaser.to.telephone else "No telephone number is known."
        return (message.bounced_because, telephone)
    if message.state == MailState.FAILED:
        return (f"{message.error}: tried again {long_moment(message.due_at)}",)
    return ()


def bounced_words(one: Debtor) -> str:
    if one.person is None or one.person.email_bounced_at is None:
        return ""
    return f"Mail to {one.person.email} came back on {long_date(localdate(one.person.email_bounced_at))}."


def by_telephone(one: Debtor) -> str:
    return f"Telephone {one.telephone}" if one.telephone else "No telephone number is known"


def last_reminders(people: Iterable[Debtor]) -> dict[int, PepChaser]:
    keys = [one.person.pk for one in people if one.person]
    latest = PepChaser.objects.filter(to__in=keys).order_by("to", "-day").distinct("to").select_related("message")
    return {chaser.to_id: chaser for chaser in latest}


def with_query(name: str, query: str) -> str:
    return f"{reverse(name)}?{query}" if query else reverse(name)
