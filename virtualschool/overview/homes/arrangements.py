"""The panels about reduced timetables and leave: what waits for the reader's own word. Shown only when something does."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import capfirst

from attendance import arrangements
from attendance.enums import LeaveKind, LeaveState, Party
from attendance.models import LeaveRequest, ReducedTimetable
from children.enums import RelationKind
from children.models import Child
from children.querysets import user_and_covered
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, Reach
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.overview.homes.panel import Item, Panel, panel, status

LEAVE = "Leave in term time that waits for you"
AGREE = "Reduced timetables that wait for your word"


def timetables_to_agree(user: User) -> Panel:
    """Running ones on which those for whom the reader speaks have said nothing; an advocate's are those of the caseload."""
    parties = _speaks_for(user)
    if not parties:
        return Panel(AGREE, "")
    asked = [party for party in arrangements.parties(today()) if party in parties]
    rows = ReducedTimetable.objects.visible_to(user).filter(child__in=_own(user)).waiting_for(*asked)
    return panel(
        AGREE,
        rows.select_related("child").order_by("start", "pk"),
        _timetable,
        empty="No reduced timetable waits for you.",
        href=f"{reverse('attendance:timetables')}?state=not_agreed",
        link_text="All that are not agreed",
    )


def leave_to_answer(user: User) -> Panel:
    """Requests that wait for the social worker's view, the Virtual School's answer, or the word on what the head decided."""
    states = _next_word_on(user)
    if not states:
        return Panel(LEAVE, "")
    rows = LeaveRequest.objects.visible_to(user).filter(child__in=_own(user), state__in=states)
    return panel(
        LEAVE,
        rows.select_related("child").order_by("start", "pk"),
        _leave,
        empty="No request for leave waits for you.",
        href=f"{reverse('attendance:leaves')}?state=open",
        link_text="All that are not decided",
    )


def _leave(one: LeaveRequest) -> Item:
    return {
        "title": one.child.name,
        "href": one.get_absolute_url(),
        "hint": f"{capfirst(LeaveKind(one.kind).label)}, from {long_date(one.start)}",
        "status": status(one.get_state_display(), "waiting"),
    }


def _next_word_on(user: User) -> list[LeaveState]:
    """The Virtual School Head need not wait for the social worker."""
    if user.may(Act.ANSWER_LEAVE):
        return [LeaveState.ASKED, LeaveState.VIEWED] if user.may(Act.OVERRIDE) else [LeaveState.VIEWED]
    if user.may(Act.WRITE_SOCIAL_WORK_SECTIONS):
        return [LeaveState.ASKED]
    return [LeaveState.ANSWERED] if user.role_class.reach is Reach.SCHOOL else []


def _timetable(one: ReducedTimetable) -> Item:
    return {
        "title": one.child.name,
        "href": one.get_absolute_url(),
        "hint": f"{one.hours_words} from {long_date(one.start)}",
        "status": status("not agreed", "refused"),
    }


def _speaks_for(user: User) -> set[Party]:
    """The school says so for its carers, too."""
    if user.may(Act.AGREE_TIMETABLES):
        return {Party.VIRTUAL_SCHOOL}
    if user.may(Act.WRITE_SOCIAL_WORK_SECTIONS):
        return {Party.SOCIAL_WORKER}
    return {Party.SCHOOL, Party.CARER} if user.role_class.reach is Reach.SCHOOL else set()


def _own(user: User) -> QuerySet[Child]:
    """The caseload of who has one on the whole roll, but the head; everybody else's reach is their own."""
    mine = Child.objects.in_own_reach(user)
    if user.role_class.reach is Reach.ROLL and not user.may(Act.OVERRIDE):
        return mine.related_to(user_and_covered(user), RelationKind.ADVOCATE)
    return mine
