"""A PEP that is still written in goes with the child to another school; one that was sent in stays where it was sent in from."""

from children.clocks import start_clock
from children.closures import carried_from
from children.models import Enrolment
from peps import layouts, notifications, workflow
from peps.actions import seats
from peps.actions.delegating import end_delegations
from peps.actions.stepping import locked, matter
from peps.enums import Owner, PepKind, SectionState
from peps.layouts import SectionSpec
from peps.models import Pep, PepSection
from peps.people import designated_teacher
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import log
from virtualschool.kernel.dates import today

AT_SCHOOL = (Owner.DESIGNATED_TEACHER, Owner.KEY_ADULT)
MOVED_WHY = "The child moved to another school"
CARRIED_WHY = "The school closed and another took its place"


def asked_for(owner: Owner, pep: Pep) -> Owner:
    """Who is asked: a child without a school has no designated teacher and no key adult there, so the social worker is."""
    return Owner.SOCIAL_WORKER if owner in AT_SCHOOL and pep.school is None else owner


def section_of(pep: Pep, spec: SectionSpec) -> tuple[PepSection, bool]:
    """The PEP's section, asked of whoever is there to write it.

    Returns:
        the section, and whether it is new. The PEP is held by whoever asks.
    """
    given = {"owner": asked_for(spec.owner, pep), "position": spec.position}
    return PepSection.objects.get_or_create(pep=pep, key=spec.key, defaults=given)


def take_along(pep: Pep, enrolment: Enrolment, by: User | None) -> None:
    """A PEP that is still written in goes to the school, unless it was sent in meanwhile."""
    pep = locked(pep)
    if pep.state in workflow.WRITABLE:
        go(pep, enrolment, by)


def go(pep: Pep, enrolment: Enrolment, by: User | None) -> None:
    """The school's sections, its seat, and the costs asked for are the new school's; what was given to colleagues ends. Once the
    meeting was held no invitation tells the new designated teacher, so a line of their mail does.
    """
    if pep.school_id == enrolment.school_id:
        return
    came_without = pep.school_id is None
    before = pep.enrolment.school_id if pep.enrolment else pep.school_id
    carried = carried_from(enrolment) is not None
    pep.enrolment, pep.school = enrolment, enrolment.school
    if came_without:
        _handed_to_school(pep)
    if (
        not carried
        and before not in (None, enrolment.school_id)
        and pep.clock is None
        and pep.state in workflow.BEFORE_MEETING
    ):
        _due_at_new_school(pep, enrolment, by)
    pep.save(update_fields=["enrolment", "school", "clock", "due_on"])
    end_delegations(pep, why=CARRIED_WHY if carried else MOVED_WHY, by=by)
    seats.reseat(pep)
    log.record("pep.moved_to_school", by=by, subject=pep, data={"enrolment": enrolment.pk, "due_on": pep.due_on})
    if pep.state not in workflow.BEFORE_MEETING:
        notifications.arrived(pep, designated_teacher(pep.school, today()))


def _due_at_new_school(pep: Pep, enrolment: Enrolment, by: User | None) -> None:
    """The rule for new schools (``pep.new_school``), where that is the earlier day."""
    pep.clock = start_clock(
        child=pep.child,
        rule_key="pep.new_school",
        about=pep.get_kind_display(),
        matter=matter(pep),
        started_on=enrolment.start,
        started_by="The child started at another school",
        by=by,
        group=FieldGroup.PEP,
    )
    pep.due_on = min(pep.due_on, (pep.clock and pep.clock.due_on) or pep.due_on)


def _handed_to_school(pep: Pep) -> None:
    """The school's part is the school's. Nobody has to say why there is no place, unless the PEP is about that or it was begun."""
    layout = layouts.of_version(pep.layout)
    for owner in AT_SCHOOL:
        pep.sections.filter(key__in=[spec.key for spec in layout if spec.owner == owner]).update(owner=owner)
    if pep.kind != PepKind.NOT_ON_ROLL:
        moot = [spec.key for spec in layout if spec.circumstance is layouts.Circumstance.NOT_ON_ROLL]
        pep.sections.filter(key__in=moot, state=SectionState.NOT_STARTED).delete()
