"""The panels about what reviewing officers raised: what waits for an answer, and what became of one's own."""

from django.db.models import Case, When
from django.urls import reverse
from django.utils.text import capfirst

from peps.enums import ConcernState
from peps.models import Concern
from virtualschool.accounts.models import User
from virtualschool.kernel.formfields import long_moment
from virtualschool.overview.homes.panel import Item, Panel, due, panel, status


def to_answer(user: User) -> Panel:
    """Concerns that wait for the reader's answer, the most overdue first."""

    def item(concern: Concern) -> Item:
        return _item(concern) | {"status": due(concern.clock.due_on if concern.clock else None)}

    rows = Concern.objects.visible_to(user).to_answer(user).select_related("child", "clock")
    return panel(
        "Concerns waiting for your answer",
        rows.order_by("clock__due_on", "pk"),
        item,
        empty="No reviewing officer waits for your answer.",
        href=f"{reverse('peps:concerns')}?mine=yes",
        link_text="All that wait for you",
    )


def raised(user: User) -> Panel:
    """Open concerns about the children the reader reviews: answered ones first, for they wait for the reader."""

    def item(concern: Concern) -> Item:
        if concern.state == ConcernState.ANSWERED:
            return _item(concern) | {"status": status("answered: read it", "waiting")}
        return _item(concern) | {"status": due(concern.clock.due_on if concern.clock else None)}

    rows = Concern.objects.visible_to(user).open().select_related("child", "clock")
    first = Case(When(state=ConcernState.ANSWERED, then=0), default=1)
    return panel(
        "Concerns you raised",
        rows.order_by(first, "clock__due_on", "pk"),
        item,
        empty="Nothing you raised is open.",
        href=reverse("peps:concerns"),
        link_text="All concerns",
    )


def _item(concern: Concern) -> Item:
    return {
        "title": concern.child.name,
        "href": concern.get_absolute_url(),
        "hint": f"{capfirst(concern.get_kind_display())}, raised {long_moment(concern.raised_at)}",
    }
