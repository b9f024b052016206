"""The panel of children who are away from school by the school's own act, or may be soon."""

from django.urls import reverse

from attendance.exclusions import evidence as exclusion_evidence
from attendance.exclusions import words as exclusion_words
from attendance.models import Exclusion
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today
from virtualschool.overview.homes.panel import Item, Panel, panel


def suspended(user: User) -> Panel:
    """Suspended today, permanently excluded and not yet off the roll, or proposed; the newest first."""

    def item(one: Exclusion) -> Item:
        return {
            "title": one.child.name,
            "href": one.get_absolute_url(),
            "hint": f"{exclusion_evidence.title(one)}, {exclusion_evidence.when(one)}; {one.school.name}",
            "status": exclusion_words.tag(one),
        }

    rows = Exclusion.objects.visible_to(user)
    there = (rows.holding(today()) | rows.proposed()).select_related("child", "school").order_by("-start", "-pk")
    return panel(
        "Suspended or excluded",
        there,
        item,
        empty="No child is suspended or excluded.",
        href=reverse("attendance:exclusions"),
        link_text="All suspensions and exclusions",
    )
