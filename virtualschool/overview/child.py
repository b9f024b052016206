"""The child's page: facts of today at the top, what needs somebody, what comes next, and one timeline of everything that happened."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils.text import capfirst

import attendance.exclusions.timeline
import attendance.timeline
import children.timeline
import peps.timeline
import pupil_premium.timeline
import referrals.timeline
from attendance.policies.exclusions import can_record as can_record_exclusion
from children import policies
from children.access import open_glass
from children.checks.registry import words_of
from children.enums import SenStatus
from children.models import (
    Alert,
    CareEpisode,
    CarePlacement,
    Child,
    Clock,
    Enrolment,
    ReferenceCode,
    Relationship,
    School,
    SenRecord,
)
from children.schooling import is_asked
from peps.models import Pep
from peps.policies import can_list, can_open, can_plan
from peps.review_policies import can_raise_some_concern
from referrals.models import RiskReport, SchoolMove
from referrals.policies.admissions import can_apply_some
from referrals.policies.moves import can_open_some as can_open_some_move
from referrals.policies.risk import can_report
from referrals.policies.sen import can_read_matters
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.kernel.moments import Moment
from virtualschool.kernel.verdicts import Verdict
from virtualschool.overview.figures import flagged_years
from virtualschool.rulebook import schoolyear

Row = dict[str, Any]
CHOOSING_YEAR = 9  # courses for Key Stage 4 are chosen
TIMELINES: tuple[Callable[..., list[Moment]], ...] = (
    children.timeline.moments,
    peps.timeline.moments,
    attendance.timeline.moments,
    attendance.exclusions.timeline.moments,
    pupil_premium.timeline.moments,
    referrals.timeline.moments,
)


@dataclass
class ChildPage:
    """Everything the page draws, already cut to what the reader's role reads."""

    child: Child
    user: User
    facts: list[Row] = field(default_factory=list)
    flags: list[dict[str, str]] = field(default_factory=list)
    workers: list[Row] = field(default_factory=list)
    alerts: list[Row] = field(default_factory=list)
    risks: list[Row] = field(default_factory=list)
    peps: list[Row] = field(default_factory=list)
    clocks: list[Row] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)
    actions: list[dict[str, str]] = field(default_factory=list)
    glass: str = ""


def page_of(child: Child, user: User) -> ChildPage:
    """Gather the page; the number of queries does not depend on the child."""
    page = ChildPage(child, user)
    place = _place(child, user)
    need = SenRecord.objects.current().filter(child=child).first()
    page.flags = _flags(child, need)
    page.facts = _facts(child, user, place, need)
    page.workers = _workers(child)
    page.alerts = _alerts(child, user)
    page.risks = _risks(child, user) + _moves(child, user)
    page.peps = _peps(child, user)
    page.clocks = _clocks(child, user)
    page.links = _links(child, user)
    page.actions = _actions(child, user, place)
    page.glass = _glass(child, user)
    return page


def timeline(child: Child, user: User, kind: str = "") -> tuple[list[Moment], list[str]]:
    """Everything that happened, newest first, and the kinds there are; ``kind`` keeps one of them."""
    moments = sorted((m for tell in TIMELINES for m in tell(child, user=user)), key=lambda m: m.on, reverse=True)
    kinds = sorted({moment.kind for moment in moments})
    return [moment for moment in moments if not kind or moment.kind == kind], kinds


def _place(child: Child, user: User) -> Enrolment | None:
    """Today's main school; ``known`` when it has a page for the reader: a teacher of a second school knows the first by name."""
    known = Exists(School.objects.visible_to(user).filter(pk=OuterRef("school")))
    places = Enrolment.objects.main().current().filter(child=child)
    return places.annotate(known=known).select_related("school").first()


def _flags(child: Child, need: SenRecord | None) -> list[dict[str, str]]:
    year = schoolyear.curriculum_year(child.date_of_birth, today())
    words = f"{schoolyear.curriculum_year_words(year)}: moves of school to be avoided"
    flags = [{"text": words, "colour": "orange"}] if year in flagged_years() else []
    if need is not None and need.status == SenStatus.EHCP:
        flags.append({"text": "EHC plan", "colour": "purple"})
    if child.is_unaccompanied and (child.unaccompanied_until is None or child.unaccompanied_until > today()):
        flags.append({"text": "Unaccompanied", "colour": "teal"})
    return flags


def _facts(child: Child, user: User, place: Enrolment | None, need: SenRecord | None) -> list[Row]:
    year = schoolyear.curriculum_year(child.date_of_birth, today())
    stage = schoolyear.key_stage(year)
    rows: list[Row] = [
        {
            "key": "Date of birth",
            "value": f"{long_date(child.date_of_birth)}, {schoolyear.age(child.date_of_birth, today())}",
        },
        {"key": "Year group", "value": f"{schoolyear.curriculum_year_words(year)}{f', {stage}' if stage else ''}"},
        {"key": "Council's id", "value": child.child_id},
        {
            "key": "UPN",
            "value": child.upn,
            "missing": "not known",
            "lines": [child.upn_problem] if child.upn_problem else [],
        },
    ]
    if user.reads(FieldGroup.EDUCATION):
        rows += _education(place, need)
    if user.reads(FieldGroup.LEGAL):
        rows += _care(child)
    return rows


def _education(place: Enrolment | None, need: SenRecord | None) -> list[Row]:
    school: Row = {"key": "School", "value": "", "missing": "no school today"}
    if place is not None:
        school = {
            "key": "School",
            "value": place.school.name,
            "href": place.school.get_absolute_url() if place.known else "",
            "lines": [f"since {long_date(place.start)}"],
        }
    status = need.get_status_display() if need else ""
    return [school, {"key": "Special educational needs", "value": status, "missing": "none recorded"}]


def _care(child: Child) -> list[Row]:
    words = ReferenceCode.objects.filter(field="LS", code=OuterRef("legal_status")).values("meaning")
    episodes = CareEpisode.objects.current().filter(child=child).annotate(status=Subquery(words[:1]))
    episode = episodes.select_related("period").first()
    placement = CarePlacement.objects.current().filter(child=child).first()
    rows: list[Row] = []
    if episode is not None:
        short = "short breaks, " if episode.period.short_breaks else ""
        status = f"{episode.legal_status}: {episode.status}" if episode.status else episode.legal_status
        rows.append({"key": "In care", "value": f"{short}since {long_date(episode.period.start)}", "lines": [status]})
    if placement is not None:
        where = "outside our area" if placement.out_of_area else "in our area"
        lines = [f"School: {placement.get_education_display()}"] if placement.education else []
        value = f"{where}, since {long_date(placement.start)}"
        rows.append({"key": "Care placement", "value": value, "lines": lines})
    return rows


def _workers(child: Child) -> list[Row]:
    ties = Relationship.objects.current().filter(child=child).select_related("user", "team").order_by("kind")
    return [
        {
            "key": capfirst(tie.get_kind_display()),
            "value": (tie.user or tie.team).name,
            "lines": [tie.user.telephone] if tie.user and tie.user.telephone else [],
        }
        for tie in ties
    ]


def _alerts(child: Child, user: User) -> list[Row]:
    found = Alert.objects.visible_to(user).open().filter(child=child).order_by("opened_on", "pk")
    return [
        {
            "title": words_of(alert.check_name),
            "text": alert.evidence.get("sentence", ""),
            "href": reverse("watch:alert", args=[alert.uuid]),
            "tag": {
                "text": alert.get_answer_display() if alert.answer else "open",
                "status": "met" if alert.answer else "open",
            },
            "lines": [f"since {long_date(alert.opened_on)}"],
        }
        for alert in found
    ]


def _risks(child: Child, user: User) -> list[Row]:
    found = RiskReport.objects.visible_to(user).open().filter(child=child)
    return [
        {
            "title": f"{capfirst(report.get_at_risk_display())} at risk",
            "href": report.get_absolute_url(),
            "text": report.why,
            "tag": {"text": report.get_state_display(), "status": "at_risk"},
            "lines": [f"reported {long_date(report.reported_on)}"],
        }
        for report in found
    ]


def _moves(child: Child, user: User) -> list[Row]:
    """The open school move, where the reader works with moves."""
    return [
        {
            "title": "School move",
            "href": move.get_absolute_url(),
            "text": f"{capfirst(move.what)}, wanted from {long_date(move.wanted_on)}",
            "tag": {"text": move.get_state_display(), "status": "at_risk" if move.emergency else "waiting"},
            "lines": [f"since {long_date(move.since)}"],
        }
        for move in SchoolMove.objects.visible_to(user).open().filter(child=child)
    ]


def _peps(child: Child, user: User) -> list[Row]:
    found = Pep.objects.visible_to(user).filter(child=child).open_first("-opened_on", "-pk")
    return [
        {
            "key": capfirst(pep.get_kind_display()),
            "value": f"{pep.term} {schoolyear.year_words(pep.academic_year)}",
            "href": pep.get_absolute_url(),
            "tag": {"text": pep.get_state_display(), "status": "overdue" if _overdue(pep) else pep.state},
            "lines": [f"due {long_date(pep.due_on)}"] if pep.is_open and pep.due_on else [],
        }
        for pep in found[:6]
    ]


def _overdue(pep: Pep) -> bool:
    return pep.is_open and pep.due_on is not None and pep.due_on < today()


def _clocks(child: Child, user: User) -> list[Row]:
    found = Clock.objects.visible_to(user).running().filter(child=child).select_related("rule").order_by("due_on")
    return [
        {
            "due_on": clock.due_on,
            "href": clock.get_absolute_url(),
            "kind": clock.rule.kind,
            "state": "overdue" if clock.due_on and clock.due_on < today() else "on_time",
            "label": capfirst(clock.about),
            "words": clock.rule.words,
        }
        for clock in found
        if clock.due_on or not clock.pauses
    ]


def _glass(child: Child, user: User) -> str:
    """Said to a manager who has opened the record from outside the team."""
    opened = open_glass(by=user, child=child) if user.may(Act.BREAK_GLASS) else None
    if opened is None or opened.closes_at is None:
        return ""
    closes = long_moment(opened.closes_at)
    return (
        f"You opened this record from outside your team. It closes on {closes}. The data protection officer was told."
    )


Offer = tuple[bool | Verdict, str, str]


def _links(child: Child, user: User) -> list[dict[str, str]]:
    """The other pages of the child that the reader may open."""
    offers = (
        (user.reads(FieldGroup.ATTENDANCE), "Attendance", "attendance:child"),
        (user.reads(FieldGroup.ATTENDANCE), "School year day by day", "attendance:year"),
        (user.reads(FieldGroup.ATTENDANCE), "Timetable, provision and leave", "attendance:arrangements"),
        (user.reads(FieldGroup.ATTENDANCE), "Lost education", "attendance:lost_of"),
        (user.reads(FieldGroup.ATTENDANCE), "Suspensions and exclusions", "attendance:exclusions_of"),
        (_takes_courses(child) and user.reads(FieldGroup.EDUCATION), "Courses", "courses:child"),
        (can_read_matters(user), "Special educational needs", "sen:of_child"),
        (can_list(user), "One-page summary for the care review", "peps:review_summary"),
        (policies.can_read_notes(user, child), "Notes", "children:notes"),
        (policies.can_see_files(user, child), "Files", "children:files"),
    )
    return _offered(child, offers)


def _takes_courses(child: Child) -> bool:
    """From the year in which courses are chosen."""
    return schoolyear.curriculum_year(child.date_of_birth, today()) >= CHOOSING_YEAR


def _actions(child: Child, user: User, place: Enrolment | None) -> list[dict[str, str]]:
    """What the reader may do: the policies of the pages, asking once for all of them whether the child is the reader's own."""
    if not Child.objects.in_own_reach(user).filter(pk=child.pk).exists():
        return []
    keeps = policies.can_keep_roll(user)
    answers = policies.can_answer_some_education(user) and is_asked(child.date_of_birth, today())
    offers = (
        (can_report(user), "Tell us a place is at risk", "referrals:report_for"),
        (can_open_some_move(user), "Open a school move", "moves:open"),
        (can_apply_some(user) and place is None, "Apply for a school place", "admissions:apply"),
        (can_record_exclusion(user), "Record a suspension or exclusion", "attendance:exclusion_add"),
        (can_plan(user) and can_open(user, child), "Open a PEP", "peps:open"),
        (can_raise_some_concern(user), "Raise a concern or recommendation", "peps:concern_raise"),
        (policies.can_record_some_review(user), "Record the next care review", "children:review"),
        (policies.can_write_some_note(user), "Add a note", "children:note_add"),
        (policies.can_keep_some_files(user), "Add a file", "children:file_add"),
        (keeps, "Record a school", "children:enrol"),
        (keeps, "Record special educational needs", "children:need"),
        (keeps, "Record a care placement", "children:placement"),
        (answers, "Say what the care placement means for school", "children:education_answer"),
        (keeps, "Record a legal status", "children:legal_status"),
        (policies.can_allocate_some(user), "Change who works with the child", "children:allocate"),
        (keeps, "Correct identity details", "children:identity"),
        (keeps, "Record leaving care", "children:leave"),
    )
    return _offered(child, offers)


def _offered(child: Child, offers: Iterable[Offer]) -> list[dict[str, str]]:
    return [{"text": text, "href": reverse(name, args=[child.uuid])} for allowed, text, name in offers if allowed]
