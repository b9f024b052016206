"""What a child's timeline tells of reduced timetables, alternative provision and leave."""

from collections.abc import Iterator

from django.utils.text import capfirst

from attendance.models import ReducedTimetable, TimetableReview
from children.models import Child
from virtualschool.accounts.models import User
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
