"""Compares what a check finds with the alerts that are open, and opens, updates or resolves: one transaction a shard.

Unique on check and natural key while open, so it may be run again, by two workers, or after a kill, and the alerts are the same.
A fact that comes back is a new alert. For a date before the last complete night it reports and changes nothing.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, TypedDict
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from children.checks.registry import CHECKS, Check
from children.enums import AlertState
from children.evidence import as_stored
from children.models import Alert, Child
from virtualschool.jobs.registry import Renew, register_night_job
from virtualschool.rulebook import reading, rules

JOB = "checks"
SHARD = 5000  # ids in a shard: enough that the questions cost more than asking them


@dataclass(frozen=True)
class Counts:
    """What a run of a check did (or, for a past date, what it would have found)."""

    opened: int = 0
    updated: int = 0
    unchanged: int = 0
    resolved: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(a + b for a, b in zip(asdict(self).values(), asdict(other).values(), strict=True)))

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True)
class Found:
    """A finding as an alert keeps it: with its rule, its kind of information, and its evidence as the database gives it back."""

    child_id: int
    natural_key: str
    evidence: dict[str, Any]
    rule_id: int | None
    field_group: str


class Row(TypedDict):
    """An alert that was open on the day, as the comparison needs it."""

    id: int
    natural_key: str
    evidence: dict[str, Any]
    rule_id: int | None
    field_group: str
    state: str


@dataclass
class Difference:
    """Findings without an alert, alerts whose facts changed, alerts that stand, alerts without a finding."""

    new: list[Found]
    changed: list[tuple[int, Found]]
    same: int
    gone: list[int]

    def counts(self) -> Counts:
        return Counts(len(self.new), len(self.changed), self.same, len(self.gone))


@transaction.atomic
def run_check(check: Check, on: date, first_id: int = 1, last_id: int | None = None, *, write: bool = True) -> Counts:
    """Run one check as at the end of ``on`` for the children whose ids lie in the range (``last_id`` included; None: no end).

    Args:
        write: False reports only.
    """
    children = _in_range(Child.objects.on_roll(on), "pk", first_id, last_id)
    alerts = _in_range(Alert.objects.filter(check_name=check.name), "child_id", first_id, last_id)
    return _bring_in_step(check, on, children, alerts, write=write)


@transaction.atomic
def run_for(check: Check, on: date, children: Collection[int]) -> Counts:
    """Run one check now for a few children, by primary key: what an action changed is told without waiting for the night."""
    rows = Child.objects.on_roll(on).filter(pk__in=children)
    alerts = Alert.objects.filter(check_name=check.name, child__in=children)
    return _bring_in_step(check, on, rows, alerts, write=True)


def _bring_in_step(
    check: Check, on: date, children: QuerySet[Child], alerts: QuerySet[Alert], *, write: bool
) -> Counts:
    findings = found(check, on, children)
    open_alerts = alerts.open_on(on)
    if write:
        open_alerts = open_alerts.select_for_update(of=("self",)).order_by("pk")
    columns = ("id", "natural_key", "evidence", "rule_id", "field_group", "state")
    difference = compare(findings, open_alerts.values(*columns), keep_resolved=write)
    if not write:
        return difference.counts()
    opened = _open(check.name, difference.new, on)
    _update(difference.changed, on)
    Alert.objects.filter(pk__in=difference.gone).update(state=AlertState.RESOLVED, resolved_on=on)
    taken = len(difference.new) - opened
    return replace(difference.counts(), opened=opened, unchanged=difference.same + taken)


def found(check: Check, on: date, children: QuerySet[Child]) -> dict[str, Found]:
    """The findings by their natural keys.

    Raises:
        ValueError: when a check gives one key twice: it names no single thing.
    """
    rule = rules.find(check.rule, on=on) if check.rule else None
    by_key: dict[str, Found] = {}
    for finding in check.find(on=on, children=children):
        if finding.natural_key in by_key:
            raise ValueError(f"{check.name} gives {finding.natural_key!r} twice.")
        by_key[finding.natural_key] = Found(
            child_id=finding.child_id,
            natural_key=finding.natural_key,
            evidence=as_stored(finding.evidence),
            rule_id=finding.rule_id or (rule.pk if rule else None),
            field_group=(finding.group or check.group).value,
        )
    return by_key


def compare(findings: dict[str, Found], open_alerts: Iterable[Row], *, keep_resolved: bool) -> Difference:
    """What has to be done for the alerts to be what was found.

    Args:
        keep_resolved: an alert of the day that an action resolved since stays so, whatever the day's facts were.
    """
    difference = Difference([], [], 0, [])
    missing = dict(findings)
    for row in open_alerts:
        finding = missing.pop(row["natural_key"], None)
        if keep_resolved and row["state"] != AlertState.OPEN:
            difference.same += finding is not None
        elif finding is None:
            difference.gone.append(row["id"])
        elif _stands(row, finding):
            difference.same += 1
        else:
            difference.changed.append((row["id"], finding))
    difference.new.extend(missing.values())
    return difference


def _stands(row: Row, finding: Found) -> bool:
    """Whether the alert says what was found, or rests on the same ``basis``: then only the day of looking moved on."""
    if (row["rule_id"], row["field_group"]) != (finding.rule_id, finding.field_group):
        return False
    basis = finding.evidence.get("basis")
    return row["evidence"] == finding.evidence or (basis is not None and row["evidence"].get("basis") == basis)


def report(on: date, names: Iterable[str] | None = None) -> dict[str, dict[str, int]]:
    """What every check (or those named) finds on a date against the alerts open now. Changes nothing."""
    return {name: run_check(CHECKS[name], on, write=False).as_dict() for name in names or sorted(CHECKS)}


def shards(for_date: date) -> int:
    """One shard for so many ids, whoever of them is on the roll."""
    highest = Child.objects.aggregate(highest=Max("pk"))["highest"] or 1
    return int((highest - 1) // SHARD) + 1


def night(for_date: date, shard: int, of: int, renew: Renew) -> dict[str, Any]:
    """The night job: every check for one shard's children. The last shard takes whoever came since the night was planned.

    Rules and calendars are read once for all checks: a rule that is changed meanwhile counts for the whole shard or not at all.
    """
    first, last = shard * SHARD + 1, None if shard == of - 1 else (shard + 1) * SHARD
    counts = {}
    with reading.once():
        for name in sorted(CHECKS):
            renew()
            counts[name] = run_check(CHECKS[name], for_date, first, last).as_dict()
    return counts


def _in_range(rows: QuerySet[Any], column: str, first_id: int, last_id: int | None) -> QuerySet[Any]:
    rows = rows.filter(**{f"{column}__gte": first_id})
    return rows if last_id is None else rows.filter(**{f"{column}__lte": last_id})


_INSERT = """
    INSERT INTO children_alert (uuid, child_id, check_name, natural_key, rule_id, evidence, field_group, state, opened_on, evidence_on,
                                answer, answer_reason)
    SELECT uuid, child_id, %(check)s, natural_key, rule_id, evidence, field_group, 'open', %(on)s, %(on)s, '', ''
    FROM jsonb_to_recordset(%(rows)s::jsonb)
        AS found (uuid uuid, child_id bigint, natural_key text, rule_id bigint, evidence jsonb, field_group text)
    ON CONFLICT (check_name, natural_key) WHERE state = 'open' DO NOTHING
"""


def _open(check_name: str, findings: list[Found], on: date) -> int:
    """Open alerts; one that somebody else opened meanwhile stays as it is.

    Returns:
        how many were opened.
    """
    if not findings:
        return 0
    rows = [{"uuid": str(uuid4()), **asdict(finding)} for finding in findings]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {"check": check_name, "on": on, "rows": json.dumps(rows)})
        return int(cursor.rowcount)


_UPDATE = """
    UPDATE children_alert a SET evidence = found.evidence, rule_id = found.rule_id, field_group = found.field_group, evidence_on = %(on)s
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS found (id bigint, evidence jsonb, rule_id bigint, field_group text) WHERE a.id = found.id
"""


def _update(changed: list[tuple[int, Found]], on: date) -> None:
    if not changed:
        return
    rows = [
        {"id": pk, "evidence": one.evidence, "rule_id": one.rule_id, "field_group": one.field_group}
        for pk, one in changed
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, {"on": on, "rows": json.dumps(rows)})


register_night_job(JOB, night, shards=shards)
