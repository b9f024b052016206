"""Who applies for a school place, by the council's rule; who answers, directs and accepts; and when a school may be directed."""

from children.models import Child, Clock, Enrolment, School
from children.moving import EXCLUDED
from referrals import admissions_workflow, workflow
from referrals.enums import ApplicationEvent as E
from referrals.enums import Destination
from referrals.models import Application, SchoolMove
from referrals.querysets import APPLICATION_ACTS
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse
from virtualschool.rulebook import rules

WHO_DOES_WHAT = "Roles of the Virtual School"
DEVON = "Devon Virtual School: information for IROs and social workers"
DIRECTION = "School Standards and Framework Act 1998, sections 96 to 97B"
CODE = "School Admissions Code (September 2021)"
WHO_APPLIES = "move.school_application"
BEHAVIOUR = "admissions.behaviour"
REPRESENTATIONS, WAIT = "admissions.direction.representations", "admissions.direction.wait"
# What each step of a direction waits for.
WAITED_FOR = {E.NOTIFY: REPRESENTATIONS, E.DIRECT: WAIT}
ANSWERS = (E.OFFER, E.WAIT, E.FAIR_ACCESS, E.REFUSE)
MAINTAINED, ACADEMY = "maintained", "academy"


def can_list(user: User) -> Verdict:
    """Those who apply, keep the roll or review, and the admissions team."""
    if user.may(Act.ANSWER_ADMISSIONS) or any(map(user.may, APPLICATION_ACTS)):
        return ALLOW
    return refuse("Your role does not work with applications for school places.", WHO_DOES_WHAT)


def can_read(user: User, application: Application) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return can_list(user)


def can_apply_some(user: User) -> Verdict:
    """Who applies is the council's to settle: one Virtual School applies with the social worker, another leaves it to them."""
    if not user.may(Act.APPLY_FOR_PLACES):
        return refuse("A school place is applied for by the Virtual School or the child's social worker.", DEVON)
    rule = rules.get(WHO_APPLIES, on=today())
    social_worker = rule.value == "social_worker"
    if user.may(Act.WRITE_SOCIAL_WORK_SECTIONS) == social_worker:
        return ALLOW
    who = "the child's social worker" if social_worker else "the Virtual School, with the social worker"
    return refuse(f"A school place is applied for by {who}.", f"{rule.words}: {rule.source}")


def can_apply_for(user: User, child: Child) -> Verdict:
    """For a child without a school. One who has a school moves by a case that is approved first."""
    allowed = can_apply_some(user) & _own(user, child.pk)
    if not allowed:
        return allowed
    if SchoolMove.objects.filter(child=child, state__in=workflow.MOVE_OPEN).exists():
        return refuse("This child has an open school move. Apply from there, once it is approved.", DEVON)
    if Enrolment.objects.main().current().filter(child=child).exists():
        return refuse("This child has a school. Open a school move; places are applied for when it is approved.", DEVON)
    return ALLOW


def can_apply_for_move(user: User, move: SchoolMove) -> Verdict:
    """Once the case is approved, or was acted on in an emergency."""
    allowed = can_apply_some(user) & _own(user, move.child_id)
    if allowed and move.state not in workflow.MOVE_PERMITTED:
        return refuse("A school place is applied for once the move is approved.", DEVON)
    if allowed and move.destination != Destination.SCHOOL:
        return refuse("This move leads to no other school; no place is applied for.", DEVON)
    return allowed


def can_apply_to(user: User, move: SchoolMove, school: School) -> Verdict:
    """To one of the schools that were proposed when it was approved; in an emergency to any."""
    allowed = can_apply_for_move(user, move)
    if allowed and not move.emergency and not move.schools.filter(school=school).exists():
        return refuse("The move was approved for other schools. Take the case back to propose this one.", DEVON)
    return allowed


def can_step(user: User, application: Application, event: E | str) -> Verdict:
    """Whether this person takes this step at all, and whether the law lets it be taken now."""
    event = E(event)
    if event in (E.ACCEPT, E.WITHDRAW):
        return _applies(user, application)
    allowed = _answers(user, application)
    return allowed & _directing(application, event) if allowed else allowed


def can_step_some(user: User, application: Application) -> Verdict:
    """Takes one step or another: the gate of the page; ``can_step`` asks which."""
    return _answers(user, application)


def can_put_right(user: User, application: Application) -> Verdict:
    """Takes back the last step of an open application, as whoever may record one."""
    if not application.open:
        return refuse("This application has ended. Apply again where a place is still needed.", WHO_DOES_WHAT)
    if len(admissions_workflow.standing(application.steps.all())) < 2:
        return refuse("Nothing was recorded after the application was sent.", WHO_DOES_WHAT)
    return _answers(user, application)


def kind_of(school: School) -> str:
    """Who may direct it: the council a maintained school, the Secretary of State an academy; nobody any other, or one not known."""
    kind = f"{school.type_group} {school.type_name}".lower()
    if "non-maintained" in kind:
        return ""
    if any(
        word in kind for word in ("academ", "free school", "studio school", "technical college", "technology college")
    ):
        return ACADEMY
    return MAINTAINED if any(word in kind for word in ("maintained", "community", "voluntary", "foundation")) else ""


def _directing(application: Application, event: E) -> Verdict:
    if event in (E.CONSULT, E.NOTIFY) or (event == E.DIRECT and application.state == "notice"):
        return _council_directs(application, event)
    if event == E.ASK and kind_of(application.school) != ACADEMY:
        return refuse("Only the direction of an academy is asked of the Secretary of State.", CODE)
    if event == E.ASK and was_excluded_from(application):
        return refuse("A school that permanently excluded the child is not directed to admit them.", DIRECTION)
    return ALLOW


def _council_directs(application: Application, event: E) -> Verdict:
    kind = kind_of(application.school)
    if kind == ACADEMY:
        return refuse("The council cannot direct an academy: the Secretary of State is asked to.", CODE)
    if not kind:
        return refuse(
            "The council directs maintained schools; what kind this school is is not known, or it is none.", DIRECTION
        )
    if was_excluded_from(application):
        return refuse("A school that permanently excluded the child is not directed to admit them.", DIRECTION)
    rule_key = WAITED_FOR.get(event)
    return _time_is_over(application, rule_key) if rule_key else ALLOW


def _time_is_over(application: Application, rule_key: str) -> Verdict:
    """The school's days are its own: the next step waits for the end of them."""
    clock = last_day(application, rule_key)
    if clock is None or (clock.due_on is not None and clock.due_on < today()):
        return ALLOW
    return refuse(f"{clock.rule.words}: the {clock.rule.value} days are not over yet.", clock.rule.source)


def last_day(application: Application, rule_key: str) -> Clock | None:
    """The clock of the school's days, the newest."""
    clocks = Clock.objects.filter(matter=application.matter, rule__key=rule_key)
    return clocks.select_related("rule").last()


def was_excluded_from(application: Application) -> bool:
    """As the roll says of the child's places at the school."""
    places = Enrolment.objects.filter(child=application.child_id, school=application.school_id)
    return places.filter(end_reason__istartswith=EXCLUDED).exists()


def _applies(user: User, application: Application) -> Verdict:
    """Who may apply today also accepts and withdraws; so do those who agree moves, whoever applies by the council's rule."""
    allowed = ALLOW if user.may(Act.AGREE_MOVES) else can_apply_some(user)
    return allowed & _own(user, application.child_id)


def _answers(user: User, application: Application) -> Verdict:
    """The admissions team; and those who apply write down what they were told by a council that has nobody here."""
    if not user.may(Act.ANSWER_ADMISSIONS):
        return _applies(user, application)
    if Application.objects.visible_to(user).filter(pk=application.pk).exists():
        return ALLOW
    return refuse("This application is not open to you.", WHO_DOES_WHAT)


def _own(user: User, child_id: int) -> Verdict:
    """By the role's own reach: an open grant only reads."""
    if Child.objects.in_own_reach(user).filter(pk=child_id).exists():
        return ALLOW
    return refuse("You do not work with this child now.", WHO_DOES_WHAT)
