"""What a young person takes to an examination, and what a school teaches: read, recorded several at once, changed, ended."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from children.models import Child, School
from referrals.actions import courses as actions
from referrals.enums import CourseStage, Coursework
from referrals.forms.courses import CoursesForm, EndForm, SeenForm, TakenChangeForm, TakenForm, WholeForm
from referrals.models import ChildCourse, SchoolCourse, WholeList
from referrals.policies import courses as policies
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.kernel.verdicts import Conflict
from virtualschool.rulebook.schoolyear import curriculum_year

NOT_KNOWN = "Not known"
INTRO = "Which awarding body a school uses stands in no national list: it is known only because somebody told us."
TAKEN = [
    Column("Subject", header=True),
    Column("Awarding body"),
    Column("Specification"),
    Column("Coursework"),
    Column("Exam"),
    Column("Told"),
]
TAUGHT = [Column("Subject", header=True), Column("Awarding body"), Column("Specification"), Column("Told")]


@page(policies.can_read_courses, child=Child)
def of_child(request: HttpRequest, child: Child) -> HttpResponse:
    """What the young person takes, and what they took."""
    rows = list(ChildCourse.objects.visible_to(request.user).filter(child=child))
    access.shown(request, child, fields=[FieldGroup.EDUCATION])
    may = bool(policies.can_record_for(request.user, child))
    now, over = [one for one in rows if not one.ended_on], [one for one in rows if one.ended_on]
    context = {
        "heading": "Courses",
        "child": child,
        "back": child.get_absolute_url(),
        "back_text": child.name,
        "caption": child.name,
        "intro": INTRO,
        "actions": [{"text": "Record courses", "href": reverse("courses:add", args=[child.uuid])}] if may else [],
        "tables": [_taken(now, may), *_over(over)],
    }
    return render(request, "referrals/courses.html", context)


@page(policies.can_record_for, methods=("GET", "POST"), child=Child)
def add(request: HttpRequest, child: Child) -> HttpResponse:
    here = reverse("courses:child", args=[child.uuid])
    form = TakenForm(sent(request), initial={"stage": _stage(child)}, cancel_href=here)
    if form.is_valid():
        given = {"child": child, "stage": form.cleaned_data["stage"], "courses": form.facts()}
        made = attempt(form, lambda: actions.add_for_child(**given, by=request.user, told_by=form.source()))
        if made is not None:
            return done(request, _recorded(made), here)
    return form_page(request, form, heading="Record courses", caption=child.name, back=here, intro=[INTRO])


@page(policies.can_change, methods=("GET", "POST"), course=ChildCourse)
def change(request: HttpRequest, course: ChildCourse) -> HttpResponse:
    here = reverse("courses:child", args=[course.child.uuid])
    form = TakenChangeForm(sent(request), initial=_initial(course, "coursework", "exam_on"), cancel_href=here)
    if form.is_valid() and attempt(form, lambda: actions.change(course=course, **_change(request, form))):
        return done(request, f"{course.subject} is changed.", here)
    more = [{"text": "End this course", "href": reverse("courses:end", args=[course.uuid])}]
    return _changing(request, form, course, caption=course.child.name, back=here, more=more)


@page(policies.can_change, methods=("GET", "POST"), course=ChildCourse)
def end(request: HttpRequest, course: ChildCourse) -> HttpResponse:
    here = reverse("courses:child", args=[course.child.uuid])
    form = EndForm(sent(request), cancel_href=here)
    if form.is_valid():
        on = form.cleaned_data["on"]
        if attempt(form, lambda: actions.end(course=course, on=on, by=request.user)):
            return done(
                request, f"The end of {course.subject} is recorded; it stays in the list of what was taken.", here
            )
    return _changing(request, form, course, caption=course.child.name, back=here)


@page(policies.can_read_school_courses, school=School)
def at_school(request: HttpRequest, school: School) -> HttpResponse:
    """What the school teaches, stage by stage, and whether it said that this is all."""
    rows = list(SchoolCourse.objects.visible_to(request.user).taught().filter(school=school))
    may = bool(policies.can_record_at(request.user, school))
    offered = [("Record courses", "courses:school_add", ""), ("Is this the whole list?", "courses:whole", "secondary")]
    context = {
        "heading": "Courses that it teaches",
        "back": school.get_absolute_url(),
        "back_text": school.name,
        "caption": school.name,
        "intro": INTRO,
        "notices": _whole_words(school),
        "actions": [
            {"text": text, "href": reverse(name, args=[school.uuid]), "kind": kind}
            for text, name, kind in offered
            if may
        ],
        "tables": [_taught([one for one in rows if one.stage == stage], stage, may) for stage in CourseStage],
    }
    return render(request, "referrals/courses.html", context)


@page(policies.can_record_at, methods=("GET", "POST"), school=School)
def add_at_school(request: HttpRequest, school: School) -> HttpResponse:
    here = reverse("courses:school", args=[school.uuid])
    form = CoursesForm(sent(request), initial={"stage": CourseStage.KS4}, cancel_href=here)
    if form.is_valid():
        given = {"school": school, "stage": form.cleaned_data["stage"], "courses": form.facts()}
        made = attempt(form, lambda: actions.add_for_school(**given, by=request.user, told_by=form.source()))
        if made is not None:
            return done(request, _recorded(made), here)
    return form_page(request, form, heading="Record courses", caption=school.name, back=here, intro=[INTRO])


@page(policies.can_change_school_course, methods=("GET", "POST"), course=SchoolCourse)
def change_at_school(request: HttpRequest, course: SchoolCourse) -> HttpResponse:
    here = reverse("courses:school", args=[course.school.uuid])
    form = SeenForm(sent(request), initial=_initial(course), cancel_href=here)
    if form.is_valid() and attempt(form, lambda: actions.change_at_school(course=course, **_change(request, form))):
        return done(request, f"{course.subject} is changed.", here)
    more = [{"text": "End this course", "href": reverse("courses:school_end", args=[course.uuid])}]
    return _changing(request, form, course, caption=course.school.name, back=here, more=more)


@page(policies.can_change_school_course, methods=("GET", "POST"), course=SchoolCourse)
def end_at_school(request: HttpRequest, course: SchoolCourse) -> HttpResponse:
    here = reverse("courses:school", args=[course.school.uuid])
    form = EndForm(sent(request), cancel_href=here)
    if form.is_valid():
        on = form.cleaned_data["on"]
        if attempt(form, lambda: actions.end_at_school(course=course, on=on, by=request.user)):
            return done(request, f"The end of {course.subject} is recorded.", here)
    return _changing(request, form, course, caption=course.school.name, back=here)


@page(policies.can_record_at, methods=("GET", "POST"), school=School)
def whole(request: HttpRequest, school: School) -> HttpResponse:
    """The school's word that its list is whole: only then may a course be called not offered."""
    here = reverse("courses:school", args=[school.uuid])
    form = WholeForm(sent(request), initial={"stage": CourseStage.KS4}, cancel_href=here)
    if form.is_valid():
        given = form.given()
        if attempt(form, lambda: actions.say_whole(school=school, by=request.user, told_by=form.source(), **given)):
            return done(request, "What the school said of its list is recorded.", here)
    return form_page(request, form, heading="Is this the whole list?", caption=school.name, back=here)


# ---------------------------------------------------------------- parts


def _stage(child: Child) -> CourseStage:
    return CourseStage.POST_16 if curriculum_year(child.date_of_birth, today()) > 11 else CourseStage.KS4


def _recorded(made: list[Any]) -> str:
    if not made:
        return "All of these were recorded already."
    return "1 course is recorded." if len(made) == 1 else f"{len(made)} courses are recorded."


def _initial(course: Any, *more: str) -> dict[str, Any]:
    names = ("subject", "awarding_body", "specification_code", "tier", "told_by", *more)
    found = {name: getattr(course, name) for name in names} | {"seen": course.version}
    if found.get("coursework") == Coursework.UNKNOWN:
        found["coursework"] = ""
    return found


def _change(request: HttpRequest, form: Any) -> dict[str, Any]:
    return {
        "seen": form.cleaned_data["seen"],
        "facts": form.facts(),
        "by": request.user,
        "told_by": form.source(),
    }


def _changing(request: HttpRequest, form: Any, course: Any, **where: Any) -> HttpResponse:
    """The form of one course; for one that was ended there is none."""
    if course.ended_on is not None:
        raise Conflict(actions.OVER)
    return form_page(request, form, heading=course.subject, **where)


def _told(one: Any) -> Cell:
    return Cell(long_date(one.told_on), hint=one.told_by)


def _spec(one: Any) -> Cell:
    return Cell(one.specification_code or NOT_KNOWN, hint=one.get_tier_display())


def _subject(one: Any, may: bool) -> Cell:
    return Cell(one.subject, href=one.get_absolute_url() if may and not one.ended_on else "")


def _taken(rows: list[ChildCourse], may: bool) -> Table:
    drawn = [
        [
            _subject(one, may),
            one.get_awarding_body_display() or NOT_KNOWN,
            _spec(one),
            capfirst(one.get_coursework_display()),
            long_date(one.exam_on) if one.exam_on else NOT_KNOWN,
            _told(one),
        ]
        for one in rows
    ]
    return table("Courses now", TAKEN, drawn, empty="No courses are recorded")


def _over(rows: list[ChildCourse]) -> list[Table]:
    """What was stopped, where there is any."""
    drawn = [[one.subject, one.what or NOT_KNOWN, long_date(one.ended_on)] for one in rows if one.ended_on]
    return [table("Courses that ended", ["Subject", "What it was", "Ended"], drawn)] if drawn else []


def _taught(rows: list[SchoolCourse], stage: CourseStage, may: bool) -> Table:
    drawn = [[_subject(one, may), one.get_awarding_body_display() or NOT_KNOWN, _spec(one), _told(one)] for one in rows]
    years = CourseStage(stage).label
    return table(years, TAUGHT, drawn, empty=f"Nothing is recorded for {years}")


def _whole_words(school: School) -> list[str]:
    said = _last_said(WholeList.objects.filter(school=school))
    return [
        f"{capfirst(one.get_stage_display())}: {one.told_by} said on {long_date(one.told_on)} that this is "
        f"{'the whole list' if one.whole else 'not the whole list'}."
        for one in said
    ]


def _last_said(rows: QuerySet[WholeList]) -> list[WholeList]:
    """The last word for each stage."""
    return list({one.stage: one for one in rows.order_by("pk")}.values())
