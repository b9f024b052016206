"""What a child's timeline tells of reduced timetables, alternative provision and leave."""

from collections.abc import Iterator

from django.utils.text import capfirst

from attendance.models import AlternativeProvision, LeaveRequest, ProvisionReview, ReducedTimetable, TimetableReview
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import LONDON
from virtualschool.kernel.moments import Moment

KIND = "attendance"


def of_timetables(child: Child, user: User) -> Iterator[Moment]:
    """Where one began and what each review came to. Two queries."""
    rows = ReducedTimetable.objects.visible_to(user).filter(child=child)
    for one in rows.select_related("recorded_by"):
        href, by = one.get_absolute_url(), one.recorded_by.name
        yield Moment(one.start, "Reduced timetable began", KIND, by, capfirst(one.hours_words), href)
    for review in TimetableReview.objects.filter(timetable__in=rows).select_related("timetable", "by"):
        by = review.by.name if review.by else ""
        title = f"Reduced timetable: {review.get_outcome_display()}"
        yield Moment(review.on, title, KIND, by, review.words, review.timetable.get_absolute_url())


def of_provision(child: Child, user: User) -> Iterator[Moment]:
    """Where one began, was reviewed and ended. Two queries."""
    rows = AlternativeProvision.objects.visible_to(user).filter(child=child)
    for one in rows.select_related("recorded_by", "school"):
        href, by = one.get_absolute_url(), one.recorded_by.name
        yield Moment(one.start, "Alternative provision began", KIND, by, one.provider, href)
    for review in ProvisionReview.objects.filter(provision__in=rows).select_related("provision", "by"):
        by = review.by.name if review.by else ""
        title = f"Alternative provision {'ended' if review.ended else 'reviewed'}"
        yield Moment(review.on, title, KIND, by, review.words, review.provision.get_absolute_url())


def of_leave(child: Child, user: User) -> Iterator[Moment]:
    """What was asked for, on its first day away when the school has decided, else on the day it was asked for. One query."""
    for one in LeaveRequest.objects.visible_to(user).filter(child=child).select_related("asked_by"):
        on = one.start if one.decided_on else one.asked_at.astimezone(LONDON).date()
        title = f"Leave in term time: {one.get_state_display()}"
        yield Moment(on, title, KIND, one.asked_by.name, capfirst(one.get_kind_display()), one.get_absolute_url())
