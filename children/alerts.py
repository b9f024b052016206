"""Facts that need somebody: reported at once by an action, or opened by the night; resolved when they no longer hold; answered by a person.

An answer says what a person made of it. It does not make the fact go away: the alert stays open until the fact does.
"""

from datetime import date
from typing import Any

from django.db import transaction

from children.enums import AlertState, Answer
from children.evidence import as_stored
from children.models import Alert, Child
from children.policies import watch as policies
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import log
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook.rules import InForce


@transaction.atomic
def report(
    *,
    child: Child,
    check_name: str,
    natural_key: str,
    evidence: dict[str, Any],
    on: date,
    rule: InForce | None = None,
    group: FieldGroup = FieldGroup.EDUCATION,
) -> Alert:
    """Open an alert now, without waiting for the night; while it is open a second report answers the same alert.

    Args:
        evidence: made by ``children.evidence.evidence``.
    """
    fields = {
        "child": child,
        "rule_id": rule.pk if rule else None,
        "evidence": as_stored(evidence),
        "field_group": group.value,
        "opened_on": on,
        "evidence_on": on,
    }
    key = {"check_name": check_name, "natural_key": natural_key, "state": AlertState.OPEN}
    alert, _ = Alert.objects.get_or_create(**key, defaults=fields)
    return alert


@transaction.atomic
def resolve(*, check_name: str, natural_key: str, on: date | None = None) -> bool:
    """The fact no longer holds.

    Returns:
        False when no alert of it was open.
    """
    open_alerts = Alert.objects.open().filter(check_name=check_name, natural_key=natural_key)
    return bool(open_alerts.update(state=AlertState.RESOLVED, resolved_on=on or today()))


@transaction.atomic
def take_back_answer(*, check_name: str, natural_key: str, why: str, by: User) -> bool:
    """What the answer answered has got worse: the open alert waits for an answer again.

    Returns:
        False when no open alert of it was answered.
    """
    answered = Alert.objects.open().filter(check_name=check_name, natural_key=natural_key).exclude(answer="")
    alert = answered.select_for_update(of=("self",)).first()
    if alert is None:
        return False
    data = {"check": alert.check_name, "answer": alert.answer}
    alert.answer, alert.answer_reason, alert.answered_by, alert.answered_at = "", "", None, None
    alert.save(update_fields=["answer", "answer_reason", "answered_by", "answered_at"])
    log.record("alert.answer_taken_back", by=by, subject=alert, why=why, data=data)
    return True


@transaction.atomic
def answer_alert(*, alert: Alert, answer: Answer | str, reason: str, by: User) -> Alert:
    """Say what was made of it: noted, plan made, or not a concern because of ``reason``. A later answer replaces an earlier one.

    Raises:
        Refused: when ``by`` may not answer.
        Conflict: when the alert is resolved.
        ValueError: without a reason.
    """
    locked = Alert.objects.select_for_update(of=("self",)).select_related("child").get(pk=alert.pk)
    require(policies.can_answer_alert(by, locked))
    if locked.state != AlertState.OPEN:
        raise Conflict("This alert was resolved: what it says no longer holds.")
    if not reason.strip():
        raise ValueError("An answer has a reason.")
    locked.answer, locked.answer_reason = Answer(answer), reason
    locked.answered_by, locked.answered_at = by, now()
    locked.save(update_fields=["answer", "answer_reason", "answered_by", "answered_at"])
    log.record(
        "alert.answered", by=by, subject=locked, why=reason, data={"check": locked.check_name, "answer": locked.answer}
    )
    return locked
