"""The steps every action shares: lock the PEP, move it by the table, and hand the due date on to whoever is next."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from children.clocks import meet_clock, start_clock
from children.enums import ClockState
from children.models import Clock
from peps import workflow
from peps.enums import PepState
from peps.models import Pep, PepAuthor, PepMeeting, PepSection, VoiceLink
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import log
from virtualschool.kernel.dates import now, today

REARRANGE = "pep.rearrange"


def locked(pep: Pep) -> Pep:
    """The PEP as it is now, held until the transaction ends. Whoever changes anything in a PEP holds it first.

    Its child and school, of which nothing is changed here, are those that came with ``pep``, or are read when first asked for.
    """
    found: Pep = Pep.objects.select_for_update(of=("self",)).select_related("clock").get(pk=pep.pk)
    for field in (Pep._meta.get_field("child"), Pep._meta.get_field("school")):
        known = field.get_cached_value(pep, default=None)
        if known is not None and known.pk == getattr(found, field.attname):
            field.set_cached_value(found, known)
    return found


def locked_section(section: PepSection) -> PepSection:
    """A section with its PEP held."""
    pep = locked(section.pep)
    found: PepSection = PepSection.objects.select_for_update(of=("self",)).get(pk=section.pk)
    found.pep = pep
    return found


def locked_link(link: VoiceLink) -> VoiceLink:
    """A link with its PEP held. Whether it works is asked after this, of what is held."""
    pep = locked(link.pep)
    found: VoiceLink = VoiceLink.objects.select_for_update(of=("self",)).select_related("made_by").get(pk=link.pk)
    found.pep = pep
    return found


def move(pep: Pep, event: str, **fields: Any) -> None:
    """Take the PEP where the table says.

    Raises:
        NotNow: when the event does not happen in this state.
    """
    pep.state = workflow.PEP.target(pep.state, event)
    for name, value in fields.items():
        setattr(pep, name, value)
    pep.save(update_fields=["state", *fields])


def matter(pep: Pep, round_of: int = 0) -> str:
    """What the PEP's clocks are for. Each sending in is a matter of its own."""
    return f"peps.Pep:{pep.uuid}:{round_of}" if round_of else f"peps.Pep:{pep.uuid}"


def hand_on(
    pep: Pep, *, rule_key: str, about: str, started_on: date, started_by: str, by: User | None, round_of: int = 0
) -> None:
    """The step that was due is done; the clock of the next one starts, and the PEP is due when that is."""
    stop(pep, on=started_on, by=by)
    pep.clock = start_clock(
        child=pep.child,
        rule_key=rule_key,
        about=about,
        matter=matter(pep, round_of),
        started_on=started_on,
        started_by=started_by,
        by=by,
        group=FieldGroup.PEP,
    )
    if pep.clock and pep.clock.due_on:
        pep.due_on = pep.clock.due_on
    pep.save(update_fields=["clock", "due_on"])


def stop(pep: Pep, *, on: date, by: User | None) -> None:
    """What was due next has been done."""
    if pep.clock and pep.clock.state == ClockState.RUNNING:
        pep.clock = meet_clock(pep.clock, on, by=by)


def running_clocks(pep: Pep) -> list[Clock]:
    return list(Clock.objects.filter(child=pep.child_id, matter__startswith=matter(pep), state=ClockState.RUNNING))


def wait_for_new_time(meeting: PepMeeting, why: str, by: User) -> None:
    """The PEP is left without a meeting: the clock of the next one starts, beside that of the step the PEP is at."""
    start_clock(
        child=meeting.pep.child,
        rule_key=REARRANGE,
        about="Another PEP meeting",
        matter=f"{matter(meeting.pep)}:meeting:{meeting.pk}",
        started_on=today(),
        started_by=why,
        by=by,
        group=FieldGroup.PEP,
    )


def found_a_new_time(pep: Pep, by: User) -> None:
    """Another meeting is planned."""
    for clock in waiting_for_new_time(pep):
        meet_clock(clock, today(), by=by)


def waiting_for_new_time(pep: Pep) -> QuerySet[Clock]:
    """The running clock of a PEP whose meeting could not be held and has no new time."""
    clocks: QuerySet[Clock] = Clock.objects.running().filter(
        child=pep.child_id, matter__startswith=f"{matter(pep)}:meeting:", rule__key=REARRANGE
    )
    return clocks.select_related("rule")


def history_at_once(pep: Pep, by: User | None) -> None:
    """A PEP that is complete again is history when a later one was completed meanwhile."""
    later = Pep.objects.filter(child=pep.child_id, state=PepState.COMPLETE, opened_on__gt=pep.opened_on).first()
    if later is not None:
        move(pep, "supersede")
        log.record("pep.superseded", by=by, subject=pep, data={"by": later.pk})


def wrote(pep: Pep, user: User) -> None:
    """Remember that the person wrote in it: they never grade it."""
    PepAuthor.objects.bulk_create([PepAuthor(pep=pep, user=user, since=now())], ignore_conflicts=True)
