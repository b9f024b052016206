"""The panels that roles share. Each starts from what the reader may see, so a panel never offers what would be refused."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.timezone import localdate

from children.checks.registry import words_of
from children.enums import GrantKind, RelationKind
from children.models import AccessGrant, Alert, Child, Enrolment, Relationship
from peps.models import Pep
from peps.workflow import OPEN
from pupil_premium.models import Release
from referrals.models import RiskReport
from virtualschool.accounts.models import User
from virtualschool.kernel import periods
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.money import pounds
from virtualschool.overview import figures
from virtualschool.overview.homes.panel import Item, Panel, due, panel, plain, status
from virtualschool.overview.words import short_date
from virtualschool.rulebook import schoolyear


def _of_caseload(rows: QuerySet, user: User, kind: str, path: str = "child") -> QuerySet:
    ties = Relationship.objects.filter(periods.on(today()), child=OuterRef(path), kind=kind, user=user)
    return rows.filter(Exists(ties))


def risks(user: User) -> Panel:
    """Open reports that a care placement or a school place is at risk, newest first."""

    def item(report: RiskReport) -> Item:
        tag = status(report.get_state_display(), "at_risk" if report.state == "reported" else "open")
        hint = (
            f"{report.get_at_risk_display()}, {report.get_how_soon_display()}; reported {long_date(report.reported_on)}"
        )
        return {"title": report.child.name, "href": report.get_absolute_url(), "hint": hint, "status": tag}

    rows = RiskReport.objects.visible_to(user).open().select_related("child").order_by("-state", "-reported_at")
    return panel(
        "Care placements and school places at risk",
        rows,
        item,
        empty="No care placement or school place is reported at risk.",
        href=reverse("referrals:list"),
        link_text="All reports",
    )


def alerts(user: User, *, caseload: str = "", title: str = "Alerts", since: int | None = None) -> Panel:
    """Open alerts nobody has answered, newest first; of a caseload, or of the last days."""

    def item(alert: Alert) -> Item:
        return {
            "title": f"{alert.child.name}: {words_of(alert.check_name)}",
            "href": reverse("watch:alert", args=[alert.uuid]),
            "hint": alert.evidence.get("sentence", ""),
            "status": plain(f"since {short_date(alert.opened_on)}"),
        }

    rows = Alert.objects.visible_to(user).open().unanswered().select_related("child").order_by("-opened_on", "pk")
    if caseload:
        rows = _of_caseload(rows, user, caseload)
    if since is not None:
        rows = rows.filter(opened_on__gte=today() - timedelta(days=since))
    return panel(title, rows, item, empty="Nothing new.", href=reverse("watch:alerts"), link_text="All alerts")


def new_to_care(user: User) -> Panel:
    """Children who came into care lately: those whom the dashboard's figure counts."""

    def item(child: Child) -> Item:
        return {
            "title": child.name,
            "href": child.get_absolute_url(),
            "hint": f"in care since {long_date(child.since)}",
            "status": status("no school", "missing") if not child.has_school else status("has a school", "done"),
        }

    school = Enrolment.objects.filter(periods.on(today()), child=OuterRef("pk"))
    rows = (
        figures.new_to_care(Child.objects.visible_to(user).counted())
        .annotate(has_school=Exists(school))
        .order_by("-since", "pk")
    )
    lately = f"{figures.NEW_TO_CARE.days} days"
    return panel("New to care", rows, item, empty=f"Nobody came into care in the last {lately}.")


def no_school(user: User) -> Panel:
    """Children of school age on no roll today."""

    def item(child: Child) -> Item:
        year = schoolyear.curriculum_year_words(schoolyear.curriculum_year(child.date_of_birth, today()))
        return {
            "title": child.name,
            "href": child.get_absolute_url(),
            "hint": year,
            "status": status("no school", "missing"),
        }

    rows = Child.objects.visible_to(user).without_a_school().order_by("last_name", "pk")
    href = f"{reverse('overview:roll')}?education=none"
    return panel(
        "Without a school",
        rows,
        item,
        empty="Every child of school age has a school.",
        href=href,
        link_text="All of them",
    )


def children(user: User, title: str = "My children") -> Panel:
    """The children the reader works with, with the next PEP."""

    def item(child: Child) -> Item:
        tag = due(child.pep_due) if child.pep_due else plain("no PEP open")
        return {
            "title": child.name,
            "href": child.get_absolute_url(),
            "hint": child.school_name or "no school",
            "status": tag,
        }

    pep = Pep.objects.filter(child=OuterRef("pk"), state__in=OPEN).order_by("due_on", "pk")
    place = Enrolment.objects.main().filter(periods.on(today()), child=OuterRef("pk"))
    rows = (
        Child.objects.visible_to(user)
        .annotate(pep_due=pep.values("due_on")[:1], school_name=place.values("school__name")[:1])
        .order_by(F("pep_due").asc(nulls_last=True), "last_name", "pk")
    )
    return panel(
        title,
        rows,
        item,
        empty="No child is yours today.",
        href=reverse("overview:roll"),
        link_text="All of them",
    )


MATTERS = {"sen": GrantKind.SEN, "admissions": GrantKind.ADMISSION}


def matters(user: User) -> Panel:
    """The children with a matter open to a SEN or an admissions officer, the one that waits longest first."""

    def item(child: Child) -> Item:
        return {
            "title": child.name,
            "href": child.get_absolute_url(),
            "hint": child.matter or "",
            "status": plain(f"since {short_date(localdate(child.matter_since))}" if child.matter_since else ""),
        }

    still_open = Q(closes_at__isnull=True) | Q(closes_at__gt=now())
    grants = AccessGrant.objects.filter(still_open, child=OuterRef("pk"), kind=MATTERS[user.role]).order_by("opened_at")
    rows = (
        Child.objects.visible_to(user)
        .annotate(matter=Subquery(grants.values("reason")[:1]), matter_since=Subquery(grants.values("opened_at")[:1]))
        .order_by("matter_since", "pk")
    )
    return panel("Matters open to you", rows, item, empty="No matter is open to you.")


def releases(user: User) -> Panel:
    """Agreed lines whose money has not gone yet."""

    def item(release: Release) -> Item:
        return {
            "title": f"{release.cost.item}, {release.school or 'no school'}",
            "href": reverse("pupil_premium:release", args=[release.uuid]),
            "hint": f"{pounds(release.amount_pence)}, agreed {long_date(release.releasable_on)}",
            "status": status(release.get_state_display(), "waiting"),
        }

    rows = (
        Release.objects.visible_to(user).releasable().select_related("cost", "school").order_by("releasable_on", "pk")
    )
    return panel(
        "Pupil Premium Plus to release",
        rows,
        item,
        empty="No line waits to be released.",
        href=reverse("pupil_premium:releases"),
        link_text="All lines",
    )


def unallocated(user: User) -> Panel:
    """Children on the roll who are unnamed, or without a social worker, an advocate or a reviewing officer who has an account."""

    def item(child: Child) -> Item:
        lacks = [
            words
            for words, has in (
                ("social worker", child.has_sw),
                ("advocate", child.has_ala),
                ("reviewing officer", child.has_iro),
            )
            if not has
        ]
        hint = f"no {', no '.join(lacks)}" if lacks else "not named yet"
        return {
            "title": child.name,
            "href": child.get_absolute_url(),
            "hint": hint,
            "status": status("to do", "waiting"),
        }

    def tie(kind: str) -> Exists:
        ties = Relationship.objects.filter(periods.on(today()), child=OuterRef("pk"), kind=kind)
        return Exists(ties.filter(user__is_active=True))

    rows = (
        Child.objects.visible_to(user)
        .annotate(
            has_sw=tie(RelationKind.SOCIAL_WORKER), has_ala=tie(RelationKind.ADVOCATE), has_iro=tie(RelationKind.IRO)
        )
        .filter(Q(has_sw=False) | Q(has_ala=False) | Q(has_iro=False) | Q(last_name=""))
        .order_by("last_name", "pk")
    )
    return panel("Records to complete", rows, item, empty="Every record is named and allocated.")
