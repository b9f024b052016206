"""Which panels and figures each role's home page has, in order ("first look" of the field's roles)."""

from collections.abc import Callable
from itertools import takewhile

from django.urls import reverse

from children.enums import RelationKind
from peps.enums import Owner
from virtualschool.accounts.models import User
from virtualschool.accounts.policies import only_a_colleague
from virtualschool.accounts.roles import Act, Reach
from virtualschool.overview import figures
from virtualschool.overview.homes import access, arrangements, concerns, exclusions, places, planning, sen, work
from virtualschool.overview.homes.panel import Panel

HOMES: dict[str, tuple[Callable[[User], Panel], ...]] = {
    "vsh": (
        work.risks,
        exclusions.suspended,
        concerns.to_answer,
        lambda user: work.alerts(user, title="New since yesterday", since=1),
        work.no_school,
        work.new_to_care,
        planning.peps_in_qa,
        work.releases,
    ),
    "ala": (
        work.risks,
        exclusions.suspended,
        concerns.to_answer,
        lambda user: work.alerts(user, caseload=RelationKind.ADVOCATE, title="My caseload: alerts"),
        planning.peps_in_qa,
        planning.invitations,
        work.no_school,
        work.releases,
    ),
    "coordinator": (
        planning.meetings,
        planning.peps_without_meeting,
        work.new_to_care,
        lambda user: planning.returned(user, "Sent back to the school"),
    ),
    "support": (
        lambda user: work.children(user, "My phase: what is next"),
        lambda user: planning.sections(user, Owner.KEY_ADULT),
        planning.peps_without_meeting,
        planning.meetings,
    ),
    "socialworker": (
        planning.invitations,
        lambda user: planning.sections(user, Owner.SOCIAL_WORKER),
        work.alerts,
        work.risks,
        exclusions.suspended,
        work.children,
    ),
    "manager": (
        work.risks,
        lambda user: planning.sections(user, Owner.SOCIAL_WORKER),
        work.alerts,
        exclusions.suspended,
        lambda user: work.children(user, "My team's children"),
    ),
    "iro": (planning.reviews, concerns.raised, lambda user: work.children(user, "Children I review")),
    "teacher": (
        planning.invitations,
        planning.returned,
        lambda user: planning.sections(user, Owner.DESIGNATED_TEACHER),
        lambda user: work.children(user, "Children at my school"),
    ),
    "sen": (sen.matters,),
    "admissions": (places.applications, work.matters),
    "data": (work.unallocated, work.new_to_care, work.no_school, work.releases),
    "dpo": (access.opened_with_a_reason, access.denied),
}
# Where a role's page begins with these, nothing stands before them.
CANNOT_WAIT = (work.risks, exclusions.suspended)
# What somebody is asked for by name: shown only when there is any.
WHEN_ASKED: tuple[Callable[[User], Panel], ...] = (arrangements.leave_to_answer, arrangements.timetables_to_agree)
FIGURES: dict[str, tuple[str, ...]] = {
    "vsh": (
        "on-roll",
        "no-school",
        "at-risk",
        "peps-done",
        "peps-overdue",
        "peps-in-qa",
        "persistently-absent",
        "unanswered-alerts",
    ),
    "ala": ("peps-in-qa", "no-school", "at-risk", "unanswered-alerts"),
    "coordinator": ("peps-done", "peps-under-way", "peps-overdue", "no-pep-this-term"),
}


OFFERS = (
    (Act.REPORT_RISK, "Tell us a care placement or school place is at risk", "referrals:which_child"),
    (Act.KEEP_ROLL, "New to care", "children:new"),
)


def offers_for(user: User) -> list[dict[str, str]]:
    """What the role does most, one press away."""
    return [{"text": text, "href": reverse(name)} for act, text, name in OFFERS if user.may(act)]


def panels_for(user: User) -> list[Panel]:
    """The panels of the user's role; each a constant number of queries.

    What the person was asked for by name comes first, after what cannot wait. At a school, a colleague who has no other place there
    sees that alone.
    """
    if user.role_class.reach is not Reach.SCHOOL:
        return _in_order(user)
    asked = planning.asked(user)
    if only_a_colleague(user):
        return [asked]
    return [*([asked] if asked.count else []), *_in_order(user)]


def _in_order(user: User) -> list[Panel]:
    makers = HOMES[user.role]
    first = list(takewhile(CANNOT_WAIT.__contains__, makers))
    asked = [one for one in (make(user) for make in WHEN_ASKED) if one.count]
    return [*(make(user) for make in first), *asked, *(make(user) for make in makers[len(first) :])]


def figures_for(user: User) -> list[dict[str, object]]:
    """The figures above the panels, each opening its list."""
    return figures.numbers(user, FIGURES.get(user.role, ()))
