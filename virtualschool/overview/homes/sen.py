"""The panels of an SEN officer: what is open to them, the soonest date first."""

from django.db.models import F
from django.urls import reverse
from django.utils.text import capfirst

from referrals.models import SenMatter
from virtualschool.accounts.models import User
from virtualschool.overview.homes.panel import Item, Panel, due, panel


def matters(user: User) -> Panel:
    """Notices of moves, reviews, assessments and transfers that are open to the reader."""

    def item(one: SenMatter) -> Item:
        return {
            "title": one.child.name,
            "href": one.get_absolute_url(),
            "hint": f"{capfirst(one.get_kind_display())}: {one.state_words.lower()}",
            "status": due(one.due_on),  # type: ignore[attr-defined]  # of with_due
        }

    rows = SenMatter.objects.visible_to(user).open().with_due().select_related("child")
    return panel(
        "Matters open to you",
        rows.order_by(F("due_on").asc(nulls_last=True), "started_on", "pk"),
        item,
        empty="No matter is open to you.",
        href=reverse("sen:matters"),
        link_text="All SEN matters",
    )
