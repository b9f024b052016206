"""What the SEN pages have in common: councils by name, tags, dates that lead to their reckoning."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst

from children.clocks import standing
from children.models import Child, Clock, LocalAuthority, SenRecord
from referrals import sen_dates
from referrals.models import SenMatter
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.rulebook import rules

Row = dict[str, Any]
TAGS = {
    "waiting": "waiting",
    "answered": "done",
    "asked": "new",
    "assessing": "preparing",
    "drafted": "submitted",
    "final": "done",
    "refused": "refused",
    "no_plan": "refused",
    "due": "open",
    "planned": "planned",
    "held": "held",
    "decided": "done",
    "started": "open",
    "named": "preparing",
    "issued": "done",
    "known": "open",
    "handed_over": "held",
    "parent_told": "done",
    "consulted": "waiting",
    "accepted": "done",
    "declined": "refused",
    "closed": "closed",
}


def tag_of(one: SenMatter) -> dict[str, str]:
    return {"text": one.state_words, "status": TAGS[one.state]}


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Councils by their code. One query."""
    return dict(LocalAuthority.objects.filter(code__in=set(codes)).values_list("code", "name"))


def named(code: str, names: dict[str, str]) -> str:
    """A council by its name, else by its code."""
    return names.get(code, f"council {code}") if code else ""


def due_cell(on: date | None, *, closed: bool = False) -> tuple[str, str]:
    """A date, and what it is by today."""
    if on is None or closed:
        return "", ""
    left = (on - today()).days
    if left < 0:
        return long_date(on), "overdue"
    return long_date(on), "today" if left == 0 else f"{left // 7} weeks left" if left >= 14 else f"{left} days left"


def drawn(clock: Clock) -> Row:
    """A date with how it was worked out."""
    return {
        "label": capfirst(clock.about),
        "due_on": clock.due_on,
        "kind": clock.rule.kind,
        "state": standing(clock),
        "words": clock.rule.words,
        "href": clock.get_absolute_url(),
    }


def plan_rows(child: Child, names: dict[str, str], record: SenRecord | None) -> list[Row]:
    """The plan as it is recorded: its day, its council, its next review."""
    if record is None:
        return [{"key": "Plan", "value": "", "missing": "No education, health and care plan is recorded"}]
    rule = rules.get(sen_dates.ANNUAL_REVIEW, on=today())
    due = sen_dates.review_due(record, rule.value)
    lines = [] if record.annual_review_due or due is None else [f"{rule.value} months after the plan. {rule.source}"]
    return [
        {"key": "Plan made", "value": long_date(record.plan_on) if record.plan_on else "", "missing": "Not known"},
        {
            "key": "Council that holds the plan",
            "value": named(record.maintained_by, names),
            "missing": "Not known",
        },
        {
            "key": "Annual review due",
            "value": long_date(due) if due else "",
            "href": reverse("rulebook:detail", args=[rule.key]) if due else "",
            "missing": "Not known",
            "lines": lines,
        },
    ]
