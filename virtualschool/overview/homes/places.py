"""The admissions officer's first look: applications for children in care, the oldest first, and how long each is out of school."""

from django.urls import reverse
from django.utils.text import capfirst

from referrals.admissions_days import days_out
from referrals.models import Application
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.overview.homes.panel import SHOWN, Item, Panel, panel, status


def applications(user: User) -> Panel:
    """Open ones; an emergency says how many school days the child has been out of school."""
    rows = Application.objects.visible_to(user).open().select_related("child", "school").order_by("applied_on", "pk")
    out = days_out((one.child_id for one in rows[:SHOWN] if one.emergency), today())

    def item(one: Application) -> Item:
        out_of_school = out.get(one.child_id)
        known = out_of_school is not None and not out_of_school.unknown
        emergency = f"; emergency, school day {out_of_school.days}" if known else "; emergency" if one.emergency else ""
        return {
            "title": one.child.name,
            "href": one.get_absolute_url(),
            "hint": f"{one.school.name}, applied {long_date(one.applied_on)}{emergency}",
            "status": status(capfirst(one.get_state_display()), "at_risk" if one.emergency else "waiting"),
        }

    return panel(
        "Applications for school places",
        rows,
        item,
        empty="No application is open to you.",
        href=reverse("admissions:list"),
        link_text="All applications",
    )
