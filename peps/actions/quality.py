"""The Virtual School's answer to a PEP: taken up, returned with a reason and only what is wrong, or approved with a grade.

Nobody answers a PEP that they wrote in; the database refuses it too. A decision is about one sending in: a page drawn before
the PEP was sent in again decides nothing.
"""

from collections.abc import Collection

from django.db import transaction

from children.clocks import meet_clock
from peps import notifications, policies, workflow
from peps.actions.drafting import draft_of, end_draft
from peps.actions.following import follow_standing
from peps.actions.leaving import follow_child
from peps.actions.marking import Grading, decided
from peps.actions.moderating import draw
from peps.actions.snapshot import content, plain
from peps.actions.stepping import hand_on, history_at_once, locked, move, running_clocks
from peps.enums import Decision, Grade, PepState, SectionState
from peps.models import Pep, PepCost, PepReview, PepSection, PepVersion
from peps.people import people_of
from peps.policies_premium import is_in_its_years
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.jobs import events
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import ALLOW, Conflict, Refused, Verdict, refuse, require
from virtualschool.rulebook import rules


@transaction.atomic
def take_up(*, pep: Pep, submission: int, by: User) -> Pep:
    """Say that one is at it, so that the school and colleagues know."""
    pep = _in_hand(pep, submission, by)
    move(pep, "take_up")
    log.record("pep.taken_up", by=by, subject=pep, data={"submission": submission})
    return pep


@transaction.atomic
def return_pep(
    *,
    pep: Pep,
    submission: int,
    grading: Grading,
    sections: Collection[str],
    by: User,
    seen_draft: int | None = None,
) -> PepReview:
    """Send it back: the named sections open again, and only they; the rest stays as it is.

    Args:
        sections: keys of the sections to be mended; at least one.
        seen_draft: the version of the kept draft that the page showed; None when no page did.

    Raises:
        Refused: when ``by`` may not, for ``by``'s own writing, and for a grade that goes no way back.
        Conflict: when the PEP has moved on since ``submission``.
        ValueError: without a reason, with a question ungraded, or with no such section.
    """
    pep = _in_hand(pep, submission, by)
    end_draft(draft_of(pep), by, seen_draft)
    follow_child(pep, by)
    back = PepSection.objects.filter(pep=pep, key__in=sections)
    owners = list(back.values_list("owner", flat=True))
    if not grading.reason.strip() or not owners or len(owners) != len(set(sections)):
        raise ValueError("A PEP goes back with a reason, and with the sections to be mended.")
    review = _decide(pep, Decision.RETURNED, grading, by, returned_sections=sorted(sections))
    require(goes_back(review.grade))
    review.save()
    back.update(state=SectionState.RETURNED, returned_why=review.reason, completed_by=None, completed_at=None)
    move(pep, "return", grade=review.grade)
    hand_on(
        pep,
        rule_key="pep.resubmit",
        about="PEP to be sent in again",
        started_on=today(),
        started_by="The PEP was returned",
        by=by,
        round_of=pep.submission,
    )
    back.update(due_on=pep.due_on)
    follow_standing(pep, by)
    log.record(
        "pep.returned",
        by=by,
        subject=pep,
        why=review.reason,
        data={"sections": sorted(sections), **_told(review)},
    )
    people = people_of(pep.child, pep.school, today())
    notifications.answered(review, [people.owning(owner) for owner in owners])
    return review


@transaction.atomic
def approve_pep(
    *,
    pep: Pep,
    submission: int,
    grading: Grading,
    by: User,
    agreed_costs: Collection[int] = (),
    seen_draft: int | None = None,
) -> PepReview:
    """Complete the PEP: a numbered version is kept, its clocks are met, and the lines agreed may be released.

    What an earlier version agreed to be paid stays agreed.

    Args:
        agreed_costs: keys of the costed lines that are agreed; the others are not.
        seen_draft: as for ``return_pep``.

    Raises:
        Refused: when ``by`` may not, for a grade that does not complete a PEP, or for an excluded line without its exception.
        Conflict: when the PEP has moved on since ``submission``.
    """
    pep = _in_hand(pep, submission, by)
    end_draft(draft_of(pep), by, seen_draft)
    review = _decide(pep, Decision.APPROVED, grading, by)
    require(completes(review.computed) if review.computed == Grade.RED else completes(review.grade))
    review.save()
    _agree_costs(pep, agreed_costs, by)
    move(pep, "approve", grade=review.grade, completed_on=today())
    draw(review)
    _keep_version(pep, review)
    for clock in running_clocks(pep):
        meet_clock(clock, today(), by=by)
    _supersede(pep, by)
    log.record("pep.approved", by=by, subject=pep, why=review.reason, data={"submission": submission, **_told(review)})
    events.emit(
        "pep.approved",
        key=f"pep.approved:{pep.pk}:{submission}",
        data={"pep": pep.pk, "review": review.pk, "child": pep.child_id, "submission": submission},
    )
    notifications.answered(review)
    return review


def completes(grade: Grade | str) -> Verdict:
    """Whether a PEP of this grade may be approved (rule ``pep.grade.completes``; gold where green does). Red never."""
    rule = rules.get("pep.grade.completes", on=today())
    enough = set(rule.value) - {Grade.RED} | ({Grade.GOLD} if Grade.GREEN in rule.value else set())
    if grade in enough:
        return ALLOW
    return refuse(f"A PEP graded {Grade(grade).label} goes back; it is not approved.", rule.source)


def goes_back(grade: Grade | str) -> Verdict:
    """A PEP that the Virtual School calls green or better has nothing to mend."""
    if grade in (Grade.AMBER, Grade.RED):
        return ALLOW
    words = f"A PEP graded {Grade(grade).label} is not returned. Grade what has to be mended, or depart with a reason."
    return refuse(words, rules.get("pep.grade.completes", on=today()).source)


def _in_hand(pep: Pep, submission: int, by: User) -> Pep:
    """The PEP, locked, still as the decider saw it."""
    pep = locked(pep)
    require(policies.can_grade(by, pep))
    if pep.submission != submission:
        raise Conflict("This PEP has been sent in again since you opened the page. Read it again before you decide.")
    if pep.state not in workflow.WITH_VIRTUAL_SCHOOL:
        raise Conflict(f"This PEP has been decided: it is “{PepState(pep.state).label}”.")
    return pep


def _decide(
    pep: Pep, decision: Decision, grading: Grading, by: User, *, returned_sections: Collection[str] = ()
) -> PepReview:
    """The decision, reckoned and not saved yet."""
    review = PepReview(
        pep=pep,
        submission=pep.submission,
        decision=decision,
        returned_sections=list(returned_sections),
        by=by,
        at=now(),
    )
    decided(review, grading)
    return review


def _told(review: PepReview) -> dict[str, str]:
    """What the audit keeps of a grade."""
    return {"grade": review.grade, "computed": review.computed, "rubric": review.rubric}


def _agree_costs(pep: Pep, agreed: Collection[int], by: User) -> None:
    costs = PepCost.objects.filter(target__pep=pep).exclude(agreed=True)
    if agreed:
        require(is_in_its_years(pep))
    waiting = [cost for cost in costs.filter(pk__in=agreed).exclude(excluded_as="") if cost.exception_by_id is None]
    if waiting:
        rule = rules.get("pp.excluded", on=today())
        named = waiting[0].excluded_as.replace("_", " ")
        raise Refused(refuse(f"“{waiting[0].item}” is {named}: it needs an agreed exception first.", rule.source))
    costs.filter(pk__in=agreed).update(agreed=True, agreed_by=by)
    costs.exclude(pk__in=agreed).update(agreed=False, agreed_by=by)


def _keep_version(pep: Pep, review: PepReview) -> None:
    pep.version = PepVersion.objects.filter(pep=pep).count() + 1
    PepVersion.objects.create(
        pep=pep, number=pep.version, at=now(), content=plain(content(pep, review)), why=pep.amended_why
    )
    pep.amended_why = ""
    pep.save(update_fields=["version", "amended_why"])


def _supersede(pep: Pep, by: User) -> None:
    """What this PEP follows is history; so is this one, when it was being changed while a later one was completed."""
    earlier = Pep.objects.filter(child=pep.child_id, state=PepState.COMPLETE, opened_on__lte=pep.opened_on)
    for old in earlier.exclude(pk=pep.pk).select_for_update(of=("self",)):
        move(old, "supersede")
        log.record("pep.superseded", by=by, subject=old, data={"by": pep.pk})
    history_at_once(pep, by)
