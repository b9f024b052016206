"""Where a role's work is: the few places of the main navigation, and everything else it may open under "More".

Each place names the policy of its own page, so nothing is offered that would be refused, and whatever is not in somebody's
navigation is under More: a test walks both as every role.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

import attendance.policies.exclusions
import attendance.policies.marks
import children.policies
import peps.policies
import pupil_premium.policies
import referrals.policies.admissions
import referrals.policies.moves
import referrals.policies.risk
import referrals.policies.sen
from children.policies import imports as import_policies
from children.policies import watch as watch_policies
from peps.planner_policies import can_use_planner
from peps.policies_second import can_moderate
from peps.review_policies import can_list_concerns, can_read_diary
from virtualschool.accounts import policies as account_policies
from virtualschool.accounts.models import User
from virtualschool.accounts.places import title_of
from virtualschool.accounts.roles import Act, Reach
from virtualschool.audit.policies import can_read_audit
from virtualschool.jobs.policies import can_read_operations
from virtualschool.jobs.watch import night_watch
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.verdicts import Verdict
from virtualschool.overview import policies
from virtualschool.rulebook.policies import can_read_rules

MOST = 8  # places of a navigation that is still read at a glance


@dataclass(frozen=True)
class Place:
    """A page that a role may begin at. ``within`` are the names and namespaces of the pages that lie in it.

    ``daily`` says whose daily work is there; for others who may open it, it is under More with its ``hint``.
    """

    text: str
    name: str
    policy: Callable[[User], Verdict]
    hint: str = ""
    within: tuple[str, ...] = ()
    daily: Callable[[User], bool] = lambda user: True

    @property
    def href(self) -> str:
        return reverse(self.name)

    def holds(self, here: str) -> bool:
        """Whether the page of this name lies in it."""
        return here == self.name or here in self.within or here.partition(":")[0] in self.within


def _social_work(user: User) -> bool:
    return user.role_class.reach in (Reach.ALLOCATED, Reach.TEAM)


HOME = Place("Your work", "overview:home", policies.can_use_service)
CHILDREN = Place(
    "Children",
    "overview:roll",
    policies.can_list_children,
    within=("children", "overview:child", "overview:search"),
)
REVIEWS = Place(
    "Review diary",
    "peps:reviews",
    can_read_diary,
    "Care reviews to come, and whether there is a PEP for each.",
    ("peps:reviews_unplanned",),
    lambda user: user.role_class.reach is Reach.REVIEWED,
)
PEPS = Place("PEPs", "peps:list", peps.policies.can_list, within=("peps",))
ALERTS = Place(
    "Alerts",
    "watch:alerts",
    watch_policies.can_read_alerts,
    "What the night found, and what was made of it.",
    ("watch:alert", "watch:signs", "watch:sign"),
    lambda user: user.may(Act.ANSWER_SIGNALS) or user.may(Act.PLAN_PEPS) or user.may(Act.REPORT_RISK),
)
AT_RISK = Place(
    "At risk",
    "referrals:list",
    referrals.policies.risk.can_read_reports,
    "Care placements and school places that somebody reported at risk.",
    ("referrals",),
    lambda user: user.may(Act.REPORT_RISK),
)
SEN = Place(
    "SEN matters",
    "sen:matters",
    referrals.policies.sen.can_read_matters,
    "Plans of children who may move, annual reviews, assessments, transfers and changes of phase.",
    ("sen",),
    lambda user: user.role_class.reach is Reach.GRANT,
)
MOVES = Place(
    "School moves",
    "moves:list",
    referrals.policies.moves.can_read_moves,
    "Changes of school from the first thought to the new PEP, what stops them, and what is late.",
    ("moves",),
    lambda user: False,
)
APPLICATIONS = Place(
    "School places",
    "admissions:list",
    referrals.policies.admissions.can_list,
    "Applications for school places, the oldest first, and what was answered.",
    ("admissions",),
    lambda user: user.may(Act.ANSWER_ADMISSIONS),
)
ATTENDANCE = Place(
    "Attendance",
    "attendance:rates",
    attendance.policies.marks.can_read,
    "Rates of the children you work with, and the lists behind them.",
    ("attendance",),
    lambda user: user.role_class.reach is not Reach.REVIEWED,
)
MONEY = Place(
    "Money",
    "pupil_premium:releases",
    pupil_premium.policies.can_read_lines,
    "Pupil Premium Plus agreed in PEPs, line by line.",
    ("pupil_premium",),
    lambda user: not _social_work(user),
)
DASHBOARD = Place(
    "Dashboard", "overview:dashboard", policies.can_read_dashboard, "Today’s figures.", ("overview:figure",)
)
IMPORTS = Place(
    "Imports",
    "imports:list",
    import_policies.can_import,
    "Load the roll, the return, the school register or marks.",
    ("imports",),
)
ACCESS_LOG = Place("Access log", "audit:access", can_read_audit, "Who looked at what.", ("audit",))
MORE = Place(
    "More",
    "overview:more",
    policies.can_use_service,
    within=("accounts", "rulebook", "jobs", "imports", "watch:outside_team"),
)

PLACES = (
    HOME,
    CHILDREN,
    REVIEWS,
    PEPS,
    ALERTS,
    AT_RISK,
    SEN,
    APPLICATIONS,
    ATTENDANCE,
    MONEY,
    DASHBOARD,
    IMPORTS,
    ACCESS_LOG,
)

GROUPS = (
    (
        "Children and schools",
        (
            Place("New to care", "children:new", children.policies.can_keep_roll, "Take a child in."),
            Place("Leavers", "children:leavers", children.policies.can_keep_roll, "Who left care lately."),
            Place(
                "Schools", "children:schools", children.policies.can_look_up_schools, "Find a school by name or URN."
            ),
            APPLICATIONS,
            Place(
                "Designated teachers",
                "accounts:teachers",
                account_policies.can_keep_teachers,
                "Each school’s designated teacher and deputies.",
            ),
            Place(
                "Placed here by other councils",
                "children:hosted",
                children.policies.can_see_hosted,
                "Children who live here and belong to another Virtual School.",
            ),
            Place(
                "A child outside your team",
                "watch:outside_team",
                watch_policies.can_look_outside_team,
                "Open a record for an hour, with a reason. The data protection officer is told.",
            ),
        ),
    ),
    (
        "Families who ask for advice",
        (
            Place(
                "Children previously in care",
                "children:previously",
                children.policies.can_advise,
                "Questions from families and schools, and the advice given.",
            ),
            Place(
                "Children with a social worker and in kinship care",
                "children:figures",
                children.policies.can_read_figures,
                "Figures of the wider groups; nobody is tracked.",
            ),
        ),
    ),
    (
        "PEPs, attendance and money",
        (
            PEPS,
            Place(
                "Term planner",
                "peps:planner",
                can_use_planner,
                "Whose PEP has no meeting yet, and a calendar of those that have.",
            ),
            REVIEWS,
            Place(
                "Concerns of reviewing officers",
                "peps:concerns",
                can_list_concerns,
                "What reviewing officers raised, and what was answered.",
            ),
            Place(
                "Second marking",
                "peps:second_list",
                can_moderate,
                "Approved PEPs that somebody else marks once more, and how far two markings lie apart.",
            ),
            Place("A blank PEP", "peps:blank", peps.policies.can_list, "Print an empty form to write on by hand."),
            ALERTS,
            Place(
                "Signs by group",
                "watch:signs",
                watch_policies.can_read_signs,
                "How often each sign fired in a term, by sex, ethnicity and age.",
            ),
            AT_RISK,
            SEN,
            Place(
                "Changes of phase with a plan",
                "sen:transfers",
                referrals.policies.sen.can_read_matters,
                "Who changes school by age next summer, and by when the plan is amended.",
            ),
            MOVES,
            Place(
                "Nominated officers",
                "moves:officers",
                referrals.policies.moves.can_nominate,
                "Who approves moves in Years 10 and 11, and since when.",
            ),
            ATTENDANCE,
            Place(
                "Lost education",
                "attendance:lost",
                attendance.policies.marks.can_read,
                "What a full-time week would have been, what was offered and attended, and who acts on each gap.",
            ),
            Place(
                "Reduced timetables",
                "attendance:timetables",
                attendance.policies.marks.can_read,
                "Who is at school for less than full time, until when, and who agreed.",
            ),
            Place(
                "Alternative provision",
                "attendance:provisions",
                attendance.policies.marks.can_read,
                "Who is taught elsewhere than at their school, and what was checked.",
            ),
            Place(
                "Leave in term time",
                "attendance:leaves",
                attendance.policies.marks.can_read,
                "Who asked for leave, what was said of it, and what the school decided.",
            ),
            Place(
                "Suspensions and exclusions",
                "attendance:exclusions",
                attendance.policies.exclusions.can_list,
                "Who was sent away from school, for how long, and what the school owes.",
            ),
            Place(
                "Enter marks",
                "attendance:marks",
                attendance.policies.marks.can_mark,
                "A day’s register for one school.",
            ),
            Place(
                "How files of marks are read",
                "attendance:mappings",
                import_policies.can_import,
                "The columns of each collector’s file.",
                ("attendance:mapping", "attendance:mapping_add", "attendance:mapping_file"),
            ),
            MONEY,
            Place(
                "The books",
                "pupil_premium:books",
                pupil_premium.policies.can_read_books,
                "The year’s grant and every posting.",
            ),
        ),
    ),
    (
        "People and the service",
        (
            Place(
                "Cover while you are away",
                "accounts:cover",
                account_policies.can_see_own_cover,
                "A colleague reaches your children until you are back.",
            ),
            Place(
                "People who use the service",
                "accounts:people",
                account_policies.can_keep_accounts,
                "Invite, change and close accounts.",
            ),
            IMPORTS,
            Place("Nights", "jobs:nights", can_read_operations, "Which nights’ checks have run.", ("jobs",)),
            Place("Rules and deadlines", "rulebook:list", can_read_rules, "What binds us, since when, and its source."),
            ACCESS_LOG,
        ),
    ),
)


def places_of(user: User) -> list[Place]:
    """The places of somebody's daily work, most important first."""
    return [place for place in PLACES if place.daily(user) and place.policy(user)][:MOST]


def main_navigation(request: HttpRequest) -> list[dict[str, object]]:
    """The places of the signed-in person, with the one they are in marked."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    found = [*places_of(request.user), MORE]
    active = next((place for place in found if place.holds(here)), None)
    return [{"text": place.text, "href": place.href, "active": place is active} for place in found]


def more_for(user: User) -> list[dict[str, object]]:
    """Groups of everything else that somebody may open."""
    shown = places_of(user)
    groups = []
    for title, places in GROUPS:
        links = [place for place in places if place not in shown and place.policy(user)]
        if links:
            groups.append({"title": title, "places": links})
    return groups


def person(request: HttpRequest) -> dict[str, str]:
    """Who is signed in, and as what."""
    return {"name": request.user.name, "role": title_of(request.user), "href": reverse("overview:you")}


def night_banner(request: HttpRequest) -> dict[str, str] | None:
    """Says to everybody that last night's checks have not run; alerts on the pages may be old."""
    watch = night_watch()
    if not watch.stale:
        return None
    last = (
        f"The last complete night was {long_date(watch.last_complete)}."
        if watch.last_complete
        else "No night has run yet."
    )
    return {"text": f"The night's checks are late. {last} Alerts may be out of date."}
