"""The panels about PEPs: meetings to plan and hold, sections to write, what to grade, and what a review will find."""

from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, IntegerField, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from children.models import CareReview
from peps import layouts
from peps.enums import Grade, MeetingState, PepState, Response, Seat, SectionState
from peps.models import MeetingInvitation, Pep, PepMeeting, PepSection, SectionDelegation
from peps.querysets import owed
from peps.workflow import BEFORE_MEETING, WRITABLE
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.overview.homes.panel import FORTNIGHT, Item, Panel, due, panel, status
from virtualschool.overview.words import short_date
from virtualschool.rulebook import rules, schoolyear


def _pep_item(pep: Pep) -> Item:
    hint = f"{pep.get_kind_display()}, {pep.get_state_display()}"
    return {"title": pep.child.name, "href": pep.get_absolute_url(), "hint": hint, "status": due(pep.due_on)}


def peps_in_qa(user: User) -> Panel:
    """PEPs submitted that the reader may answer, oldest first: what they wrote themselves is somebody else's to grade."""
    rows = (
        Pep.objects.visible_to(user).to_grade().gradable_by(user).select_related("child").order_by("submitted_at", "pk")
    )
    return panel(
        "PEPs to quality-assure",
        rows,
        _pep_item,
        empty="No PEP waits for you.",
        href=f"{reverse('peps:list')}?to_grade=yes",
        link_text="All PEPs to quality-assure",
    )


def peps_without_meeting(user: User) -> Panel:
    """Open PEPs due within a fortnight, or overdue, for which no meeting is planned."""
    planned = PepMeeting.objects.filter(pep=OuterRef("pk"), state=MeetingState.PLANNED)
    rows = (
        Pep.objects.visible_to(user)
        .filter(Q(state__in=BEFORE_MEETING), Q(due_on__lte=today() + FORTNIGHT))
        .exclude(Exists(planned))
        .select_related("child")
        .order_by("due_on", "pk")
    )
    return panel(
        "PEPs without a meeting",
        rows,
        _pep_item,
        empty="Every PEP due soon has a meeting.",
        href=reverse("peps:list"),
        link_text="All PEPs",
    )


def meetings(user: User) -> Panel:
    """This fortnight's meetings, and those that were not written up, for which something is missing."""

    def item(meeting: PepMeeting) -> Item:
        late = meeting.starts_at < now()
        sections = "section" if meeting.unstarted == 1 else "sections"
        unstarted = f"; {meeting.unstarted} {sections} not started" if meeting.unstarted and not late else ""
        return {
            "title": meeting.pep.child.name,
            "href": meeting.pep.get_absolute_url(),
            "hint": f"{long_moment(meeting.starts_at)}{unstarted}",
            "status": _lacks(meeting, late),
        }

    seat = MeetingInvitation.objects.filter(meeting=OuterRef("pk"), seat=Seat.SOCIAL_WORKER)
    parts = PepSection.objects.filter(pep=OuterRef("pep"), state=SectionState.NOT_STARTED)
    rows = (
        PepMeeting.objects.visible_to(user)
        .filter(state=MeetingState.PLANNED, starts_at__lte=now() + FORTNIGHT)
        .annotate(
            accepted=Exists(seat.filter(response=Response.ACCEPTED)),
            declined=Exists(seat.filter(response=Response.DECLINED)),
            unstarted=_number_of(parts, "pep"),
        )
        .filter(Q(accepted=False) | Q(unstarted__gt=0) | Q(starts_at__lt=now()))
        .select_related("pep__child")
        .order_by("starts_at", "pk")
    )
    return panel(
        "Meetings with something missing",
        rows,
        item,
        empty="Every meeting of the fortnight has its social worker and its sections begun.",
        href=f"{reverse('peps:list')}?state=preparing",
        link_text="All PEPs being prepared",
    )


def _lacks(meeting: Any, late: bool) -> dict[str, str]:
    """What a planned meeting lacks most. Without its social worker it cannot have been held, whatever the hour."""
    if meeting.declined:
        return status("social worker declined", "overdue")
    if late:
        return status("not written up", "overdue")
    return status("not prepared", "waiting") if meeting.accepted else status("no answer yet", "waiting")


def _number_of(rows: QuerySet, by: str) -> Coalesce:
    """How many of ``rows`` there are, as a column; ``by`` is the field that ties them."""
    counted = rows.order_by().values(by).values(n=Count("pk"))
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def invitations(user: User) -> Panel:
    """Invitations that wait for the reader's answer."""

    def item(invitation: MeetingInvitation) -> Item:
        meeting = invitation.meeting
        return {
            "title": f"PEP meeting for {meeting.pep.child.name}",
            "href": reverse("peps:answer", args=[invitation.uuid]),
            "hint": f"{long_moment(meeting.starts_at)}, {meeting.place}",
            "status": status("answer", "waiting"),
        }

    rows = (
        MeetingInvitation.objects.visible_to(user)
        .unanswered()
        .filter(user=user)
        .select_related("meeting__pep__child")
        .order_by("meeting__starts_at", "pk")
    )
    return panel("Invitations", rows, item, empty="No invitation waits for your answer.")


def sections(user: User, owner: str) -> Panel:
    """Open PEPs in which the reader's part owes sections, by due date. The first of them opens; each that is finished leads to the next."""

    def item(pep: Pep) -> Item:
        layout = layouts.of_version(pep.layout)
        titles = [layout.section(key).title for key in pep.owed]
        return {
            "title": pep.child.name,
            "href": reverse("peps:write", args=[pep.owed_uuids[0]]),
            "hint": ", ".join(titles),
            "status": due(pep.owed_by or pep.due_on),
        }

    theirs = Q(sections__owner=owner) & owed(sections="sections__", pep="")
    rows = (
        Pep.objects.visible_to(user)
        .filter(state__in=WRITABLE)
        .annotate(
            owed=ArrayAgg("sections__key", filter=theirs, order_by="sections__position"),
            owed_uuids=ArrayAgg("sections__uuid", filter=theirs, order_by="sections__position"),
            owed_by=Min("sections__due_on", filter=theirs),
        )
        .filter(owed__len__gt=0)
        .select_related("child")
        .order_by(Coalesce("owed_by", "due_on"), "pk")
    )
    return panel(
        "Sections to write",
        rows,
        item,
        empty="You owe no section.",
        href=reverse("peps:owed"),
        link_text="All that you owe for PEPs",
    )


def asked(user: User) -> Panel:
    """Sections that a designated teacher gave to the reader by name; finished ones until the PEP is sent in."""

    def item(section: PepSection) -> Item:
        given = section.delegations.all()[0]
        title = layouts.of_version(section.pep.layout).section(section.key).title
        finished = section.state == SectionState.COMPLETE
        page = "peps:section" if finished else "peps:write"
        return {
            "title": f"{section.pep.child.name}: {title}",
            "href": reverse(page, args=[section.uuid]),
            "hint": f"{given.by.name} asks you to write this",
            "status": status("finished", "done") if finished else due(section.due_on or section.pep.due_on),
        }

    given = SectionDelegation.objects.filter(until__isnull=True).select_related("by")
    rows = (
        PepSection.objects.asked_of(user)
        .filter(pep__state__in=WRITABLE)
        .select_related("pep__child")
        .prefetch_related(Prefetch("delegations", given))
        .order_by(Coalesce("due_on", "pep__due_on"), "pk")
    )
    return panel("Asked of you", rows, item, empty="Nobody asks you to write a section now.")


def returned(user: User, title: str = "Sent back to you") -> Panel:
    """PEPs that the Virtual School has sent back."""
    rows = Pep.objects.visible_to(user).filter(state=PepState.RETURNED).select_related("child").order_by("due_on", "pk")
    return panel(title, rows, _pep_item, empty="Nothing was sent back.")


def reviews(user: User) -> Panel:
    """Reviews of the care plan in the next fortnight, and whether there is a PEP of late to be read at each."""
    months = rules.value("pep.max_gap", on=today())

    def item(review: CareReview) -> Item:
        return {
            "title": review.child.name,
            "href": reverse("peps:review_summary", args=[review.child.uuid]),
            "hint": f"review on {long_date(review.on)}",
            "status": _to_read(review, schoolyear.add_months(review.on, -months)),
        }

    done = Pep.objects.complete_once().filter(child=OuterRef("child")).order_by("-completed_on", "-pk")
    rows = (
        CareReview.objects.visible_to(user)
        .filter(on__range=(today(), today() + FORTNIGHT))
        .annotate(pep_on=Subquery(done.values("completed_on")[:1]), pep_grade=Subquery(done.values("grade")[:1]))
        .select_related("child")
        .order_by("on", "pk")
    )
    return panel(
        "Reviews in the next fortnight",
        rows,
        item,
        empty="No review in the next fortnight.",
        href=reverse("peps:reviews"),
        link_text="The review diary",
    )


def _to_read(review: Any, since: date) -> dict[str, str]:
    """The last complete PEP with its grade, unless it is older than the longest time between two."""
    if review.pep_on is None:
        return status("no PEP", "missing")
    if review.pep_on < since:
        return status(f"PEP of {short_date(review.pep_on)}", "due_soon")
    return status(f"PEP {Grade(review.pep_grade).label}" if review.pep_grade else "PEP complete", "done")
