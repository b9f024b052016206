"""The night's facts on a child, beside what a person reported: each with what was made of it, and the way to answer it."""

from typing import Any

from django.db.models import Q
from django.urls import reverse

from children.checks.registry import words_of
from children.checks.signals import PREFIX
from children.models import Alert
from referrals import evidence
from referrals.models import RiskReport
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.tables import Cell, Column, Table, table

COLUMNS = [Column("Fact"), Column("Kind"), Column("Since"), Column("Answer")]
OF_THE_REPORT = (evidence.REPORTED, evidence.WITHOUT_PLAN)


def beside(report: RiskReport, user: User) -> Table:
    """Open alerts on the same child, as far as the reader's role reads them, without those that this report opened. One query."""
    rows = Alert.objects.visible_to(user).open().filter(child=report.child_id).exclude(_its_own(report))
    found = rows.select_related("rule", "answered_by").order_by("opened_on", "pk")
    drawn = [_row(one, user) for one in found]
    return table("What else is known", COLUMNS, drawn, empty="The night found nothing else")


def _its_own(report: RiskReport) -> Q:
    """Of this report, and the sign that it is open."""
    mine = Q(check_name__in=OF_THE_REPORT, natural_key=evidence.natural_key(report))
    return mine | Q(natural_key=f"warning:{report.child_id}:{report.pk}")


def _row(one: Alert, user: User) -> list[Any]:
    sentence = one.evidence.get("sentence", "")
    return [Cell(sentence, href=one.get_absolute_url()), _kind(one), long_date(one.opened_on), _answer(one, user)]


def _kind(one: Alert) -> Cell:
    """A sign leads to the rule that switches it."""
    words = words_of(one.check_name)
    if one.rule is None or not one.rule.key.startswith(PREFIX):
        return Cell(words)
    return Cell(one.rule.words, href=reverse("rulebook:detail", args=[one.rule.key]))


def _answer(one: Alert, user: User) -> Cell:
    """What a person made of it, or for those who answer the way to do so."""
    if one.answer:
        by = one.answered_by.name if one.answered_by else ""
        tag = {"text": one.get_answer_display(), "status": "done"}
        return Cell("", tag=tag, lines=(one.answer_reason, by))
    answers = user.may(Act.ANSWER_SIGNALS) or user.may(Act.ANSWER_RISK)
    if not answers:
        return Cell("", tag={"text": "waiting", "status": "waiting"})
    return Cell("Answer", href=f"{one.get_absolute_url()}#answer", hidden=f"this: {one.evidence.get('sentence', '')}")
