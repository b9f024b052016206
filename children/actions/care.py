"""Coming into care, what changes in it, and leaving it.

A period of care is told twice: as the facts of daily work (period, care placement) and as the episodes of the statutory return,
of which one begins whenever legal status or care placement changes. Both are written together, so that they cannot disagree.
"""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from children import codes, policies, schooling, shared_upns, stops
from children.actions import ties
from children.actions.common import ADULT, locked, not_to_come, permitted
from children.actions.identity import upn_fields
from children.constraints import told
from children.models import CareEpisode, CarePlacement, Child, PeriodOfCare
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.events import emit
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook.schoolyear import age, anniversary

RECENT_DAYS = 92
CARRIED_ON = (
    "child",
    "period",
    "placement",
    "legal_status",
    "need",
    "placement_type",
    "provider",
    "home_postcode",
    "placement_postcode",
    "ofsted_urn",
)
NOT_IN_CARE = "The child is not in care now. Somebody may have recorded that they left."


@dataclass(frozen=True, kw_only=True)
class ChildFacts:
    """Who a child new to the service is. ``child_id`` is the council's own id."""

    child_id: str
    date_of_birth: date
    first_names: str = ""
    last_name: str = ""
    known_as: str = ""
    sex: str = ""
    ethnicity: str = ""
    first_language: str = ""
    upn: str = ""
    is_unaccompanied: bool = False


@dataclass(frozen=True, kw_only=True)
class PlacementFacts:
    """Where and with whom a child lives, in the return's codes."""

    placement_type: str = ""
    provider: str = ""
    ofsted_urn: str = ""
    carer_name: str = ""
    carer_telephone: str = ""
    address: str = ""
    postcode: str = ""
    area_code: str = ""
    out_of_area: bool = False


@transaction.atomic
def enter_care(
    *,
    start: date,
    legal_status: str,
    placement: PlacementFacts,
    by: User | None,
    child: Child | None = None,
    facts: ChildFacts | None = None,
    need: str = "",
    home_postcode: str = "",
    education: str = "",
) -> PeriodOfCare:
    """A child comes into care, for the first time (``facts``) or again (``child``): period, first episode and care placement.

    Args:
        education: an ``EducationAnswer``, which a person owes of a child of an age for school.

    Raises:
        Refused: when ``by`` does not keep the roll.
        Conflict: when the child is in care already.
        ValidationError: when the dates do not fit, the council's id is taken, or the answer about school is missing.
    """
    permitted(policies.can_keep_roll, by)
    not_to_come(start, "Care must have started today or before.")
    if placement.placement_type in codes.TEMPORARY_PLACEMENTS:
        raise ValidationError({"placement_type": "Care cannot start with a temporary care placement."})
    known = _new_child(facts, start) if facts is not None else _returning(child)
    _refuse_wrong_start(known, start)
    answer = schooling.answer(known, start, education, needed=by is not None)
    with told():
        period = PeriodOfCare.objects.create(child=known, start=start, short_breaks=legal_status in codes.SHORT_BREAKS)
        place = CarePlacement.objects.create(child=known, start=start, education=answer, **asdict(placement))
        CareEpisode.objects.create(
            period=period,
            reason_new=codes.STARTED,
            legal_status=legal_status,
            need=need,
            home_postcode=home_postcode,
            **_of_placement(place),
        )
    if known.upn:
        shared_upns.settle(known.upn)
    data = {"start": start, "legal_status": legal_status, "education": answer}
    event = record("care.started", by=by, subject=period, data=data)
    _tell("care.started", period, event, start=start, education=answer)
    return period


@transaction.atomic
def change_legal_status(*, child: Child, on: date, legal_status: str, by: User | None) -> CareEpisode:
    """A new legal status from the day on. Leaving short breaks for full care starts what care starts; the reverse ends it.

    Raises:
        Refused, Conflict: when ``by`` does not keep the roll; when the child is not in care.
        ValidationError: when the status is the same, or the day is before the present episode.
    """
    child = locked(child)
    permitted(policies.can_keep_roll_of, by, child)
    not_to_come(on, "The legal status must have changed today or before.")
    period, present = _present(child)
    was = present.legal_status
    if was == legal_status:
        raise ValidationError({"legal_status": "This is the child's legal status already."})
    episode = _next_episode(present, on, codes.reason_new(legal_status=True), legal_status=legal_status)
    data = {"on": on, "from": was, "to": legal_status}
    event = record("care.legal_status_changed", by=by, subject=episode, data=data)
    _legal_status_changed(period, episode, on, event)
    return episode


@transaction.atomic
def record_placement(
    *,
    child: Child,
    on: date,
    placement: PlacementFacts,
    same_carer: bool,
    reason: str,
    by: User | None,
    legal_status: str = "",
    education: str = "",
) -> CarePlacement:
    """The child lives elsewhere from the day on: closes the care placement and begins the next, with its episode.

    Args:
        same_carer: whether the carer stayed the same (the return's T and U, otherwise P and B).
        reason: the return's reason for the change of care placement.
        legal_status: when it changed on the same day.
        education: an ``EducationAnswer``, which a person owes of a child of an age for school.

    Raises:
        Refused, Conflict: when ``by`` does not keep the roll, or something must be settled first (``children.stops``); when the
            child is not in care.
        ValidationError: when the day is not after the first day of the present care placement, or the answer about school is missing.
    """
    child = locked(child)
    permitted(policies.can_keep_roll_of, by, child)
    not_to_come(on, "The child must have moved today or before.")
    period, present = _present(child)
    answer = schooling.answer(child, on, education, needed=by is not None)
    step = stops.PlacementStep(child, on, answer, by)
    if by is not None:
        require(stops.before_placement(step))
    _close_placement(child, on, reason)
    changed = bool(legal_status) and legal_status != present.legal_status
    new = codes.reason_new(legal_status=changed, placement=True, same_carer=same_carer)
    with told():
        place = CarePlacement.objects.create(child=child, start=on, education=answer, **asdict(placement))
    stops.placement_recorded(step, place)
    facts = _of_placement(place) | {"legal_status": legal_status or present.legal_status}
    episode = _next_episode(present, on, new, reason_place_change=reason, **facts)
    data = {"on": on, "reason": reason, "same_carer": same_carer, "education": answer}
    event = record("care.placement_changed", by=by, subject=place, data=data)
    _tell("placement.changed", period, event, placement=place.pk, on=on, education=answer)
    if changed:
        _legal_status_changed(period, episode, on, event)
    return place


@transaction.atomic
def leave_care(*, child: Child, on: date, reason: str, by: User | None) -> PeriodOfCare:
    """Care ceased on the day (the first day it no longer holds): ends period, episode, care placement and who works with the child.

    An adoption (E11, E12) seals the record to every role and breaks its link by UPN; a death is dated. What was due is cancelled
    by those who follow ``care.ended``.

    Args:
        reason: the return's reason why care ceased (REC).

    Raises:
        Refused, Conflict: when ``by`` does not keep the roll; when the child is not in care.
        ValidationError: when the day is before the present episode.
    """
    child = locked(child)
    permitted(policies.can_keep_roll_of, by, child)
    not_to_come(on, "Care must have ended today or before.")
    period, present = _present(child)
    if on <= present.start:
        raise ValidationError({"on": "Care ends after the day on which the present episode began."})
    _end(period, on, end_reason=reason)
    _end(present, on, reason_ceased=reason)
    for place in CarePlacement.objects.filter(child=child, end__isnull=True):
        _end(place, on)
    ended = ties.end_ties(child, on)
    _close_record(child, on, reason)
    event = record("care.ended", by=by, subject=period, data={"on": on, "reason": reason, "ties": ended})
    _tell("care.ended", period, event, end=on)
    return period


@transaction.atomic
def reopen_care(*, child: Child, why: str, by: User) -> PeriodOfCare:
    """Undo a leaver entered by mistake: what leaving ended goes on as if it had not; what ended for another reason stays so.

    Raises:
        Refused: when ``by`` does not keep the roll, or the record is sealed or the child is not a recent leaver.
        Conflict: when the child is in care again.
    """
    child = locked(child)
    permitted(policies.can_reopen, by, child)
    period: PeriodOfCare = PeriodOfCare.objects.filter(child=child).latest("start")
    if period.end is None:
        raise Conflict("The child is in care: the leaver was undone already.")
    ended_on = period.end
    if ended_on < today() - timedelta(days=RECENT_DAYS):
        raise ValidationError("Care ended too long ago to be undone. Record the child as new to care.")
    with told():
        _reopen(period, ended_on)
    if child.died_on == ended_on:
        child.died_on = None
        child.save(update_fields=["died_on"])
    event = record("care.reopened", by=by, subject=period, why=why, data={"ended_on": ended_on})
    _tell("care.reopened", period, event)
    return period


# ---------------------------------------------------------------- steps


def _new_child(facts: ChildFacts, start: date) -> Child:
    if Child.objects.filter(child_id__iexact=facts.child_id).exists():
        raise ValidationError({"child_id": "This council id belongs to another child."})
    fields = asdict(facts) | upn_fields(facts.upn, {})
    with told():
        return Child.objects.create(known_from=start, **fields)


def _returning(child: Child | None) -> Child:
    if child is None:
        raise ValueError("Care is entered by a child or by the facts of a new one.")
    known = locked(child)
    if known.sealed:
        raise Conflict("This record is closed.")
    if PeriodOfCare.objects.filter(child=known, end__isnull=True).exists():
        raise Conflict("This child is in care already.")
    return known


def _refuse_wrong_start(child: Child, start: date) -> None:
    if start < child.date_of_birth:
        raise ValidationError({"start": "Care cannot start before the child was born."})
    if age(child.date_of_birth, start) >= ADULT:
        birthday = long_date(anniversary(child.date_of_birth, ADULT))
        raise ValidationError({"start": f"The child was 18 on {birthday}. Care starts before that."})
    if PeriodOfCare.objects.filter(child=child, end=start).exists():
        raise ValidationError(
            {"start": "Care ended on this very day. Undo the leaver, or record what changed instead."}
        )


def _present(child: Child) -> tuple[PeriodOfCare, CareEpisode]:
    """The open period and the open episode.

    Raises:
        Conflict: when the child is not in care.
    """
    episodes = CareEpisode.objects.filter(child=child, end__isnull=True, period__end__isnull=True)
    present = episodes.select_related("period").first()
    if present is None:
        raise Conflict(NOT_IN_CARE)
    return present.period, present


def _next_episode(
    present: CareEpisode, on: date, reason_new: str, *, reason_place_change: str = "", **changed: object
) -> CareEpisode:
    """Close the present episode and begin the next on the same day; two changes on one day are one episode."""
    if on < present.start:
        raise ValidationError({"on": f"The present episode began on {long_date(present.start)}. Give a day after it."})
    if on == present.start:
        present.reason_new = codes.together(present.reason_new, reason_new)
        for name, value in changed.items():
            setattr(present, name, value)
        present.save(update_fields=["reason_new", *changed])
        return present
    _end(present, on, reason_ceased=codes.CONTINUES, reason_place_change=reason_place_change)
    carried = {name: getattr(present, name) for name in CARRIED_ON}
    with told():
        return CareEpisode.objects.create(**carried | changed | {"start": on, "reason_new": reason_new})


def _of_placement(place: CarePlacement) -> dict[str, object]:
    """What an episode repeats of its care placement."""
    return {
        "child": place.child,
        "placement": place,
        "start": place.start,
        "placement_type": place.placement_type,
        "provider": place.provider,
        "placement_postcode": place.postcode,
        "ofsted_urn": place.ofsted_urn,
    }


def _close_placement(child: Child, on: date, reason: str) -> None:
    place = CarePlacement.objects.filter(child=child, end__isnull=True).first()
    if place is None:
        return
    if on <= place.start:
        raise ValidationError(
            {"on": f"The present care placement began on {long_date(place.start)}. Give a day after it."}
        )
    _end(place, on, end_reason=reason)


def _legal_status_changed(period: PeriodOfCare, episode: CareEpisode, on: date, event: AuditEvent) -> None:
    """Tell it; and when short breaks became full care, or the reverse, that care in the full sense started or ended."""
    _tell("legal_status.changed", period, event, episode=episode.pk, on=on)
    short_breaks = episode.legal_status in codes.SHORT_BREAKS
    if period.short_breaks == short_breaks:
        return
    period.short_breaks = short_breaks
    period.save(update_fields=["short_breaks"])
    if short_breaks:
        _tell("care.ended", period, event, end=on)
    else:
        _tell("care.started", period, event, start=on)


def _end(row: PeriodOfCare | CareEpisode | CarePlacement, on: date, **also: str) -> None:
    row.end = on
    for name, value in also.items():
        setattr(row, name, value)
    with told():
        row.save(update_fields=["end", *also])


def _close_record(child: Child, on: date, reason: str) -> None:
    if reason in codes.ADOPTED:
        child.sealed, child.former_upn, child.upn, child.upn_problem = True, child.upn or child.former_upn, "", ""
        child.save(update_fields=["sealed", "former_upn", "upn", "upn_problem"])
        shared_upns.settle(child.former_upn)
    elif reason == codes.DIED:
        child.died_on = on
        child.save(update_fields=["died_on"])


def _reopen(period: PeriodOfCare, ended_on: date) -> None:
    """Open again the period, its last episode and care placement, and the ties that its end ended."""
    child = period.child
    period.end, period.end_reason = None, ""
    period.save(update_fields=["end", "end_reason"])
    CareEpisode.objects.filter(period=period, end=ended_on).update(end=None, reason_ceased="")
    CarePlacement.objects.filter(child=child, end=ended_on).update(end=None, end_reason="")
    ties.bring_back(period)


def _tell(kind: str, period: PeriodOfCare, event: AuditEvent, **data: date | int | str) -> None:
    """Let other apps react. The key holds the deed's own number, for a reopened period may see the same again."""
    facts = {name: value.isoformat() if isinstance(value, date) else value for name, value in data.items()}
    emit(kind, key=f"{kind}:{period.pk}:{event.pk}", data={"child": period.child_id, "period": period.pk, **facts})
