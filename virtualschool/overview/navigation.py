"""The main navigation: for each role the few places its work is in, and nothing that would be refused."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, FieldGroup, Reach
from virtualschool.jobs.watch import night_watch
from virtualschool.kernel.formfields import long_date


@dataclass(frozen=True)
class Place:
    """A place in the navigation, and the kinds of address that lie in it."""

    text: str
    name: str
    namespaces: tuple[str, ...]

    def shown_to(self, user: User) -> bool:
        """Whether the role has work there."""
        return _SHOWN[self.text](user)


PLACES = (
    Place("Your work", "overview:home", ()),
    Place("Children", "overview:roll", ("children",)),
    Place("PEPs", "peps:list", ("peps",)),
    Place("Alerts", "watch:alerts", ("watch",)),
    Place("At risk", "referrals:list", ("referrals",)),
    Place("Attendance", "attendance:rates", ("attendance",)),
    Place("Money", "pupil_premium:releases", ("pupil_premium",)),
    Place("Dashboard", "overview:dashboard", ()),
    Place("Imports", "imports:list", ("imports",)),
    Place("People", "accounts:people", ("accounts",)),
    Place("Nights", "jobs:nights", ("jobs",)),
    Place("Access log", "audit:access", ("audit",)),
    Place("Rules", "rulebook:list", ("rulebook",)),
)

_SHOWN = {
    "Your work": lambda user: True,
    "Children": lambda user: user.role_class.reach is not Reach.NOBODY,
    "PEPs": lambda user: user.reads(FieldGroup.PEP),
    "Alerts": lambda user: user.may(Act.ANSWER_SIGNALS) or user.may(Act.PLAN_PEPS) or user.may(Act.REPORT_RISK),
    "At risk": lambda user: user.may(Act.REPORT_RISK) or user.may(Act.ANSWER_RISK),
    "Attendance": lambda user: user.reads(FieldGroup.ATTENDANCE) and user.role_class.reach is not Reach.REVIEWED,
    "Money": lambda user: (
        user.reads(FieldGroup.MONEY)
        and user.role_class.reach is not Reach.ALLOCATED
        and user.role_class.reach is not Reach.TEAM
    ),
    "Dashboard": lambda user: user.may(Act.READ_DASHBOARD),
    "Imports": lambda user: user.may(Act.IMPORT),
    "People": lambda user: user.is_administrator,
    "Nights": lambda user: user.may(Act.READ_OPERATIONS),
    "Access log": lambda user: user.may(Act.READ_AUDIT),
    "Rules": lambda user: user.may(Act.CHANGE_RULES),
}


def main_navigation(request: HttpRequest) -> list[dict[str, object]]:
    """The places of the signed-in person, with the one they are in marked."""
    match = request.resolver_match
    here = (match.namespace, match.view_name) if match else ("", "")
    found = []
    for place in PLACES:
        if place.shown_to(request.user):
            try:
                href = reverse(place.name)
            except NoReverseMatch:
                continue
            found.append(
                {"text": place.text, "href": href, "active": here[1] == place.name or here[0] in place.namespaces}
            )
    return found


def person(request: HttpRequest) -> dict[str, str]:
    """Who is signed in, and in which role."""
    return {"name": request.user.name, "role": request.user.role_class.title, "href": reverse("overview:you")}


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
