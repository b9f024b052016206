"""What the night finds late in PEPs. What is due on a day is overdue from the day after; each finding gives its facts."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby

from django.db.models import Q, QuerySet
from django.urls import reverse

from children.checks.registry import Finding, check
from children.enums import ClockState
from children.evidence import evidence, fact
from children.models import CareReview, Child, Clock
from peps import chasing, layouts, moderation, reviews, workflow
from peps.actions import moderating, occasions
from peps.actions.stepping import REARRANGE
from peps.actions.voice_words import HARM, TOLD, evidence_of, key_of
from peps.enums import MeetingState, Owner, PepKind, Response, Seat
from peps.models import Concern, Pep, PepMeeting, SecondMark, VoiceConcern
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import LONDON
from virtualschool.rulebook import calendars, rules, schoolyear
from virtualschool.rulebook.schoolyear import words

AHEAD = timedelta(days=60)  # more than any rule asks the PEP to be there before a review


@check("pep.initial_overdue", words="Initial PEP overdue", rule="pep.initial.deadline", group=FieldGroup.PEP)
def initial_overdue(*, on: date, children: QuerySet[Child]) -> Iterable[Finding]:
    """The clock of an initial PEP has run out without a meeting."""
    running = Q(state=ClockState.RUNNING) | Q(stopped_on__gt=on)
    clocks = Clock.objects.filter(
        running, rule__key__startswith="pep.initial.deadline", child__in=children.values("pk"), due_on__lt=on
    )
    for pk, child, rule, matter, started_on, due_on in clocks.order_by("pk").values_list(
        "pk", "child", "rule", "matter", "started_on", "due_on"
    ):
        href = reverse("peps:detail", args=[matter.removeprefix("peps.Pep:")])
        told = evidence(
            f"The initial PEP was due on {words(due_on)}",
            fact(started_on, "Came into care"),
            fact(due_on, "Initial PEP due", href),
            clock=pk,
        )
        yield Finding(child, f"clock:{pk}", told, rule_id=rule)


@check("pep.none_this_term", words="No PEP this term", rule="pep.per_term", group=FieldGroup.PEP)
def none_this_term(*, on: date, children: QuerySet[Child]) -> Iterable[Finding]:
    """The term's last day for meetings has passed, and no PEP of the child was held in it.

    Not while an initial PEP of the term runs on its own clock, nor before the due date of a PEP opened late; never for a term
    in which the last PEP was held before go-live, or that had ended its meetings before go-live.
    """
    term = calendars.load().term_of(on)
    last_day = occasions.cutoff(term)
    if on <= last_day:
        return
    in_term = Pep.objects.standing().in_term(*term.key)
    held = in_term.filter(state__in=workflow.HELD)
    waiting = in_term.open().filter(Q(due_on__gte=on) | Q(kind=PepKind.INITIAL))
    youngest = schoolyear.anniversary(last_day, -rules.value("pep.start_age", on=on))
    oldest = schoolyear.anniversary(on, -rules.value("pep.end", on=on))
    without = (
        Child.objects.counted(on)
        .counted(last_day)
        .filter(pk__in=children.values("pk"), known_from__lte=last_day)
        .filter(date_of_birth__lte=youngest, date_of_birth__gt=oldest)
        .exclude(pk__in=held.values("child"))
        .exclude(pk__in=waiting.values("child"))
        .exclude(pk__in=Child.objects.filter(last_pep_before_go_live__gte=term.start).values("pk"))
    )
    opened = {pep.child_id: pep for pep in in_term.open().filter(child__in=children.values("pk")).order_by("opened_on")}
    for pk in without.order_by("pk").values_list("pk", flat=True):
        pep = opened.get(pk)
        told = evidence(
            f"No PEP was held in the {str(term).lower()} by {words(last_day)}",
            fact(last_day, "Last day of the term's PEP meetings", reverse("rulebook:detail", args=["pep.term_cutoff"])),
            *([fact(pep.opened_on, "PEP opened, not yet held", pep.get_absolute_url())] if pep else []),
        )
        yield Finding(pk, f"term:{pk}:{term.academic_year}:{term.name.value}", told)


@check("pep.section_overdue", words="PEP sections overdue", rule="pep.section_ready", group=FieldGroup.PEP)
def section_overdue(*, on: date, children: QuerySet[Child]) -> Iterable[Finding]:
    """Sections not finished on the day they were due: one finding for each PEP and owner, with all of that owner's.

    Of a PEP that came back only the sections that were returned, for the others are closed to everybody.
    """
    late = (
        chasing.sections_asked_for().filter(due_on__lt=on, pep__child__in=children.values("pk")).select_related("pep")
    )
    for (pep, owner), rows in groupby(late.order_by("pep", "owner", "position"), key=lambda row: (row.pep, row.owner)):
        layout, sections = layouts.of_version(pep.layout), list(rows)
        facts = [fact(row.due_on, f"“{layout.section(row.key).title}” due", pep.get_absolute_url()) for row in sections]
        sentence = f"{_count(len(sections))} of the {Owner(owner).label} not finished"
        keys = [row.key for row in sections]
        yield Finding(pep.child_id, f"pep:{pep.pk}:{owner}", evidence(sentence, *facts, sections=keys))


@check("pep.approval_overdue", words="PEP waits for the Virtual School", rule="pep.approval", group=FieldGroup.PEP)
def approval_overdue(*, on: date, children: QuerySet[Child]) -> Iterable[Finding]:
    """Sent in, and not answered by its due date."""
    waiting = Pep.objects.to_grade().filter(due_on__lt=on, child__in=children.values("pk"))
    for pep in waiting.select_related("clock").order_by("pk"):
        told = evidence(
            f"An answer to the PEP was due on {words(pep.due_on)}",
            *([fact(pep.clock.started_on, "Sent in")] if pep.clock else []),
            fact(pep.due_on, "Answer due", pep.get_absolute_url()),
            clock=pep.clock_id,
        )
        yield Finding(
            pep.child_id, f"pep:{pep.pk}:{pep.submission}", told, rule_id=pep.clock.rule_id if pep.clock else None
        )


@check(
    "pep.meeting_without_social_worker",
    words="PEP meeting without a social worker",
    rule="pep.social_worker_absent",
    group=FieldGroup.PEP,
)
def meeting_without_social_worker(*, on: date, children: QuerySet[Child]) -> Iterable[Finding]:
    """A planned meeting that the social worker declined, or to which none is invited: it has to be rearranged."""
    planned = PepMeeting.objects.filter(state=MeetingState.PLANNED, pep__child__in=children.values("pk"))
    meetings = planned.select_related("pep").prefetch_related("invitations__user").order_by("pk")
    for meeting in meetings:
        seats = [one for one in meeting.invitations.all() if one.seat == Seat.SOCIAL_WORKER and one.user_id]
        if any(one.response != Response.DECLINED for one in seats):
            continue
        held_on = meeting.starts_at.astimezone(LONDON).date()
        href = reverse("peps:meeting", args=[meeting.uuid])
        declined = [
            fact(one.responded_at.astimezone(LONDON).date(), "Declined by the social worker", href) for one in seats
        ]
        why = "The social worker cannot come to" if seats else "No social worker is invited to"
        told = evidence(f"{why} the meeting of {words(held_on)}", fact(held_on, "Meeting planned", href), *declined)
        yield Finding(meeting.pep.child_id, f"meeting:{meeting.pk}", told)


@check("pep.rearrange_overdue", words="PEP meeting not planned again", rule=REARRANGE, group=FieldGroup.PEP)
def rearrange_overdue(*, on: date, children: QuerySet[Child]) -> Iterable[Finding]:
    """A meeting could not be held, and by the due date no other is planned."""
    running = Q(state=ClockState.RUNNING) | Q(stopped_on__gt=on)
    late = Clock.objects.filter(running, rule__key=REARRANGE, child__in=children.values("pk"), due_on__lt=on)
    for clock in late.order_by("pk"):
        href = reverse("peps:detail", args=[clock.matter.split(":")[1]])
        told = evidence(
            f"Another PEP meeting was to be planned by {words(clock.due_on)}",
            fact(clock.started_on, clock.started_by),
            fact(clock.due_on, "Another meeting due", href),
            clock=clock.pk,
        )
        yield Finding(clock.child_id, f"clock:{clock.pk}", told, rule_id=clock.rule_id)


@check("pep.not_ready_for_review", words="No PEP for the care review", rule=reviews.READY, group=FieldGroup.PEP)
def not_ready_for_review(*, on: date, children: QuerySet[Child]) -> Iterable[Finding]:
    """A review is to come, and the day has gone by which the reviewing officer was to have a PEP.

    The day of the review itself is the care plan's: the evidence, which roles read who read PEPs, has only the PEP's.
    """
    by = reviews.terms(on)
    counted = Child.objects.counted(on).filter(pk__in=children.values("pk"))
    coming = CareReview.objects.filter(on__range=(on, on + AHEAD), child__in=counted).select_related("child")
    gone_by = {day for day in set(coming.values_list("on", flat=True)) if by.ready_by(day).overdue(on)}
    late = list(coming.filter(on__in=gone_by).order_by("pk"))
    facts = reviews.facts_of({one.child_id for one in late}, on)
    for review in late:
        known = facts[review.child_id]
        found = reviews.standing(review.on, review.child.date_of_birth, known, by)
        if found.readiness is reviews.Readiness.OVERDUE and found.due.due_on:
            yield Finding(review.child_id, f"review:{review.pk}", _not_ready(found.due.due_on, known))


@check(
    "pep.concern_unanswered",
    words="Reviewing officer’s concern not answered",
    rule="pep.iro_concern.answer",
    group=FieldGroup.PEP,
)
def concern_unanswered(*, on: date, children: QuerySet[Child]) -> Iterable[Finding]:
    """The day for the Virtual School's answer has gone by."""
    late = Concern.objects.filter(
        state__in=workflow.CONCERN_WAITING, clock__due_on__lt=on, child__in=children.values("pk")
    )
    for concern in late.select_related("clock").order_by("pk"):
        href, due_on = concern.get_absolute_url(), concern.clock.due_on
        told = evidence(
            f"The reviewing officer’s {concern.get_kind_display()} was to be answered by {words(due_on)}",
            fact(concern.clock.started_on, concern.clock.started_by),
            fact(due_on, "Answer due", href),
            clock=concern.clock_id,
        )
        yield Finding(concern.child_id, f"concern:{concern.pk}:{concern.round}", told, rule_id=concern.clock.rule_id)


def _not_ready(due_on: date, known: reviews.Facts) -> dict[str, object]:
    facts = [fact(due_on, "PEP due to the reviewing officer", reverse("rulebook:detail", args=[reviews.READY]))]
    if known.last and known.last.completed_on:
        facts.append(fact(known.last.completed_on, "Last complete PEP", known.last.get_absolute_url()))
    if known.pep:
        href = known.pep.get_absolute_url()
        facts.append(fact(known.pep.opened_on, f"PEP opened, now {known.pep.get_state_display()}", href))
    return evidence(f"The reviewing officer was to have a PEP by {words(due_on)}", *facts)


@check(HARM, words="A child’s words need reading today", rule=TOLD, group=FieldGroup.NARRATIVE)
def words_to_read(*, on: date, children: QuerySet[Child]) -> Iterable[Finding]:
    """Words of the list, written by a link, until somebody has said what was done."""
    waiting = Q(answered_at__isnull=True) | Q(answered_at__date__gt=on)
    found = VoiceConcern.objects.filter(waiting, found_at__date__lte=on, pep__child__in=children.values("pk"))
    for concern in found.select_related("pep").order_by("pk"):
        yield Finding(concern.child_id, key_of(concern), evidence_of(concern))


@check(moderating.CHECK, words="Two markings of a PEP lie apart", rule=moderation.APART, group=FieldGroup.MARKING)
def marks_apart(*, on: date, children: QuerySet[Child]) -> Iterable[Finding]:
    """Graded too differently by two people who have not written what they agreed."""
    open_ = Q(note_at__isnull=True) | Q(note_at__date__gt=on)
    marked = SecondMark.objects.marked().filter(open_, at__date__lte=on, pep__child__in=children.values("pk"))
    book = rules.load(moderation.APART)
    for mark in marked.select_related("pep", "review").order_by("pk"):
        if moderating.lies_apart(mark, book):
            yield Finding(mark.child_id, moderating.key_of(mark), moderating.evidence_of(mark))


def _count(number: int) -> str:
    return "1 section" if number == 1 else f"{number} sections"
