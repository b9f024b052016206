"""The panels that roles share. Each starts from what the reader may see, so a panel never offers what would be refused."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse

from children.checks.registry import words_of
from children.enums import RelationKind
from children.models import Alert, CareReview, Child, Enrolment, PeriodOfCare, Relationship
from peps import layouts
from peps.enums import MeetingState, PepState, Response, Seat, SectionState
from peps.models import MeetingInvitation, Pep, PepMeeting, PepSection
from peps.workflow import BEFORE_MEETING, OPEN, WITH_VIRTUAL_SCHOOL, WRITABLE
from pupil_premium.models import Release
from referrals.models import RiskReport
from virtualschool.accounts.models import User
from virtualschool.kernel import periods
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.overview.homes.panel import Panel, panel
from virtualschool.rulebook import schoolyear

FORTNIGHT = timedelta(days=14)
Item = dict[str, Any]


def _status(text: str, status: str) -> dict[str, str]:
    return {"text": text, "status": status}


def _due(on: Any) -> dict[str, str]:
    if on is None:
        return _status("no date", "paused")
    return _status("overdue", "overdue") if on < today() else _status(f"due {long_date(on)}", "open")


def _of_caseload(rows: QuerySet, user: User, kind: str, path: str = "child") -> QuerySet:
    ties = Relationship.objects.filter(periods.on(today()), child=OuterRef(path), kind=kind, user=user)
    return rows.filter(Exists(ties))


def risks(user: User) -> Panel:
    """Open reports that a placement is at risk, newest first."""

    def item(report: RiskReport) -> Item:
        tag = _status(report.get_state_display(), "at_risk" if report.state == "reported" else "open")
        hint = (
            f"{report.get_at_risk_display()}, {report.get_how_soon_display()}; reported {long_date(report.reported_on)}"
        )
        return {"title": report.child.name, "href": report.get_absolute_url(), "hint": hint, "status": tag}

    rows = RiskReport.objects.visible_to(user).open().select_related("child").order_by("-state", "-reported_at")
    return panel(
        "Placements at risk",
        rows,
        item,
        empty="No placement is reported at risk.",
        href=reverse("referrals:list"),
        link_text="All reports",
    )


def alerts(user: User, *, caseload: str = "", title: str = "Alerts", since: int | None = None) -> Panel:
    """Open alerts nobody has answered, newest first; of a caseload, or of the last days."""

    def item(alert: Alert) -> Item:
        return {
            "title": f"{alert.child.name}: {words_of(alert.check_name)}",
            "href": reverse("watch:alert", args=[alert.uuid]),
            "hint": alert.evidence.get("sentence", ""),
            "status": _status(f"since {long_date(alert.opened_on)}", "open"),
        }

    rows = Alert.objects.visible_to(user).open().unanswered().select_related("child").order_by("-opened_on", "pk")
    if caseload:
        rows = _of_caseload(rows, user, caseload)
    if since is not None:
        rows = rows.filter(opened_on__gte=today() - timedelta(days=since))
    return panel(title, rows, item, empty="Nothing new.", href=reverse("watch:alerts"), link_text="All alerts")


def new_to_care(user: User) -> Panel:
    """Children who came into care in the last fortnight."""

    def item(child: Child) -> Item:
        return {
            "title": child.name,
            "href": child.get_absolute_url(),
            "hint": f"in care since {long_date(child.since)}",
            "status": _status("no school", "missing") if not child.has_school else _status("has a school", "done"),
        }

    recent = PeriodOfCare.objects.filter(periods.on(today()), child=OuterRef("pk"), start__gt=today() - FORTNIGHT)
    school = Enrolment.objects.filter(periods.on(today()), child=OuterRef("pk"))
    rows = (
        Child.objects.visible_to(user)
        .counted()
        .filter(Exists(recent))
        .annotate(since=F("periods_of_care__start"), has_school=Exists(school))
        .filter(periods.on(today(), prefix="periods_of_care__"))
        .order_by("-since", "pk")
    )
    return panel("New to care", rows, item, empty="Nobody came into care in the last fortnight.")


def no_school(user: User) -> Panel:
    """Children of school age on no roll today."""

    def item(child: Child) -> Item:
        year = schoolyear.curriculum_year_words(schoolyear.curriculum_year(child.date_of_birth, today()))
        return {
            "title": child.name,
            "href": child.get_absolute_url(),
            "hint": year,
            "status": _status("no school", "missing"),
        }

    places = Enrolment.objects.filter(periods.on(today()), child=OuterRef("pk"))
    rows = (
        Child.objects.visible_to(user)
        .counted()
        .in_years(*range(12))
        .exclude(Exists(places))
        .order_by("last_name", "pk")
    )
    href = f"{reverse('overview:roll')}?education=none"
    return panel(
        "Without a school",
        rows,
        item,
        empty="Every child of school age has a school.",
        href=href,
        link_text="All of them",
    )


def _pep_item(pep: Pep) -> Item:
    hint = f"{pep.get_kind_display()}, {pep.get_state_display()}"
    return {"title": pep.child.name, "href": pep.get_absolute_url(), "hint": hint, "status": _due(pep.due_on)}


def peps_in_qa(user: User) -> Panel:
    """PEPs submitted, oldest first; nobody grades what they wrote, so those do not count as the reader's work."""
    rows = (
        Pep.objects.visible_to(user)
        .filter(state__in=WITH_VIRTUAL_SCHOOL)
        .exclude(authors__user=user)
        .select_related("child")
        .order_by("submitted_at", "pk")
    )
    return panel(
        "PEPs to quality-assure",
        rows,
        _pep_item,
        empty="No PEP waits for you.",
        href=f"{reverse('peps:list')}?state=submitted",
        link_text="All submitted PEPs",
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
    """This fortnight's meetings that the social worker has not accepted."""

    def item(meeting: PepMeeting) -> Item:
        declined = meeting.declined
        tag = _status("social worker declined", "overdue") if declined else _status("no answer yet", "waiting")
        return {
            "title": meeting.pep.child.name,
            "href": meeting.pep.get_absolute_url(),
            "hint": long_moment(meeting.starts_at),
            "status": tag,
        }

    seat = MeetingInvitation.objects.filter(meeting=OuterRef("pk"), seat=Seat.SOCIAL_WORKER)
    rows = (
        PepMeeting.objects.visible_to(user)
        .filter(state=MeetingState.PLANNED, starts_at__lte=now() + FORTNIGHT)
        .exclude(Exists(seat.filter(response=Response.ACCEPTED)))
        .annotate(declined=Exists(seat.filter(response=Response.DECLINED)))
        .select_related("pep__child")
        .order_by("starts_at", "pk")
    )
    return panel(
        "Meetings without a social worker",
        rows,
        item,
        empty="Every social worker has accepted.",
        href=f"{reverse('peps:list')}?state=preparing",
        link_text="All PEPs being prepared",
    )


def invitations(user: User) -> Panel:
    """Invitations that wait for the reader's answer."""

    def item(invitation: MeetingInvitation) -> Item:
        meeting = invitation.meeting
        return {
            "title": f"PEP meeting for {meeting.pep.child.name}",
            "href": reverse("peps:answer", args=[invitation.uuid]),
            "hint": f"{long_moment(meeting.starts_at)}, {meeting.place}",
            "status": _status("answer", "waiting"),
        }

    rows = (
        MeetingInvitation.objects.visible_to(user)
        .filter(user=user, response=Response.WAITING, meeting__state=MeetingState.PLANNED)
        .select_related("meeting__pep__child")
        .order_by("meeting__starts_at", "pk")
    )
    return panel("Invitations", rows, item, empty="No invitation waits for your answer.")


def sections(user: User, owner: str) -> Panel:
    """Sections of open PEPs that the reader's part owes, by due date."""

    def item(section: PepSection) -> Item:
        title = layouts.of_version(section.pep.layout).section(section.key).title
        return {
            "title": f"{section.pep.child.name}: {title}",
            "href": reverse("peps:section", args=[section.uuid]),
            "hint": section.get_state_display(),
            "status": _due(section.due_on or section.pep.due_on),
        }

    rows = (
        PepSection.objects.visible_to(user)
        .filter(owner=owner, pep__state__in=WRITABLE)
        .exclude(state=SectionState.COMPLETE)
        .select_related("pep__child")
        .order_by("due_on", "pep__due_on", "pk")
    )
    return panel("Sections to write", rows, item, empty="You owe no section.")


def returned(user: User) -> Panel:
    """PEPs that the Virtual School has sent back."""
    rows = Pep.objects.visible_to(user).filter(state=PepState.RETURNED).select_related("child").order_by("due_on", "pk")
    return panel("Sent back to you", rows, _pep_item, empty="Nothing was sent back.")


def children(user: User, title: str = "My children") -> Panel:
    """The children the reader works with, with the next PEP."""

    def item(child: Child) -> Item:
        tag = _due(child.pep_due) if child.pep_due else _status("no PEP open", "closed")
        return {
            "title": child.name,
            "href": child.get_absolute_url(),
            "hint": child.school_name or "no school",
            "status": tag,
        }

    pep = Pep.objects.filter(child=OuterRef("pk"), state__in=OPEN).order_by("due_on", "pk")
    place = Enrolment.objects.main().filter(periods.on(today()), child=OuterRef("pk"))
    rows = (
        Child.objects.visible_to(user)
        .annotate(pep_due=pep.values("due_on")[:1], school_name=place.values("school__name")[:1])
        .order_by(F("pep_due").asc(nulls_last=True), "last_name", "pk")
    )
    return panel(
        title,
        rows,
        item,
        empty="No child is yours today.",
        href=reverse("overview:roll"),
        link_text="All of your children",
    )


def matters(user: User) -> Panel:
    """The children with a matter open to a SEN or an admissions officer."""

    def item(child: Child) -> Item:
        return {
            "title": child.name,
            "href": child.get_absolute_url(),
            "hint": child.child_id,
            "status": _status("open", "open"),
        }

    rows = Child.objects.visible_to(user).order_by("last_name", "pk")
    return panel("Matters open to you", rows, item, empty="No matter is open to you.")


def reviews(user: User) -> Panel:
    """Reviews of the care plan in the next fortnight, and whether the PEP is there to be read."""

    def item(review: CareReview) -> Item:
        ready = review.pep_done
        tag = _status("PEP complete", "done") if ready else _status("PEP not complete", "missing")
        return {
            "title": review.child.name,
            "href": review.child.get_absolute_url(),
            "hint": f"review on {long_date(review.on)}",
            "status": tag,
        }

    done = Pep.objects.filter(child=OuterRef("child"), state=PepState.COMPLETE)
    rows = (
        CareReview.objects.visible_to(user)
        .filter(on__range=(today(), today() + FORTNIGHT))
        .annotate(pep_done=Exists(done))
        .select_related("child")
        .order_by("on", "pk")
    )
    return panel("Reviews in the next fortnight", rows, item, empty="No review in the next fortnight.")


def releases(user: User) -> Panel:
    """Agreed lines whose money has not gone yet."""

    def item(release: Release) -> Item:
        return {
            "title": f"{release.cost.item}, {release.school}",
            "href": reverse("pupil_premium:release", args=[release.uuid]),
            "hint": f"£{release.amount_pence / 100:,.2f}, agreed {long_date(release.releasable_on)}",
            "status": _status(release.get_state_display(), "waiting"),
        }

    rows = (
        Release.objects.visible_to(user).releasable().select_related("cost", "school").order_by("releasable_on", "pk")
    )
    return panel(
        "Pupil Premium Plus to release",
        rows,
        item,
        empty="No line waits to be released.",
        href=reverse("pupil_premium:releases"),
        link_text="All lines",
    )


def unallocated(user: User) -> Panel:
    """Children on the roll who are unnamed, or without a social worker, an advocate or a reviewing officer."""

    def item(child: Child) -> Item:
        lacks = [
            words
            for words, has in (
                ("social worker", child.has_sw),
                ("advocate", child.has_ala),
                ("reviewing officer", child.has_iro),
            )
            if not has
        ]
        hint = f"no {', no '.join(lacks)}" if lacks else "not named yet"
        return {
            "title": child.name,
            "href": child.get_absolute_url(),
            "hint": hint,
            "status": _status("to do", "waiting"),
        }

    def tie(kind: str) -> Exists:
        return Exists(Relationship.objects.filter(periods.on(today()), child=OuterRef("pk"), kind=kind))

    rows = (
        Child.objects.visible_to(user)
        .annotate(
            has_sw=tie(RelationKind.SOCIAL_WORKER), has_ala=tie(RelationKind.ADVOCATE), has_iro=tie(RelationKind.IRO)
        )
        .filter(Q(has_sw=False) | Q(has_ala=False) | Q(has_iro=False) | Q(last_name=""))
        .order_by("last_name", "pk")
    )
    return panel("Records to complete", rows, item, empty="Every record is named and allocated.")
