"""Signs that the roll's own records give: moves, changes of worker and of designated teacher, missing episodes, a risen SDQ score."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from children.checks import signals
from children.checks.registry import Finding, check
from children.checks.signals import signal
from children.closures import carried_on
from children.codes import collection_year
from children.enums import RelationKind
from children.evidence import evidence, fact
from children.models import CarePlacement, Enrolment, HealthReturn, MissingEpisode, PeriodOfCare, Relationship
from children.querysets import ChildQuerySet
from virtualschool.accounts.models import Membership
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel import periods
from virtualschool.rulebook import schoolyear

Rows = Iterable[dict[str, Any]]


@check("placement.signals", words="A sign that a placement or school place is at risk", group=FieldGroup.LEGAL)
def placement_signals(*, on: date, children: ChildQuerySet) -> Iterable[Finding]:
    return signals.present(on=on, children=children.counted(on))


@signal("moves", group=FieldGroup.LEGAL)
def moves(*, on: date, children: QuerySet[Any], value: dict[str, Any]) -> Iterable[Finding]:
    """Care placements that began in the window, each after another in the same period of care."""
    rows = _in_months(after_another(CarePlacement.objects.all()), children, on, value["months"])
    words = f"{{}} changes of care placement in {value['months']} months"
    return _counted(rows.values("id", "child_id", "start"), value["at_least"], words, "A new care placement")


@signal("school_moves", group=FieldGroup.EDUCATION)
def school_moves(*, on: date, children: QuerySet[Any], value: dict[str, Any]) -> Iterable[Finding]:
    """Main enrolments that began in the window at another school than an earlier one; not where that took the place of one that closed."""
    elsewhere = (
        Enrolment.objects.main()
        .filter(child=OuterRef("child"), start__lt=OuterRef("start"))
        .exclude(school=OuterRef("school"))
    )
    rows = _in_months(Enrolment.objects.main().filter(Exists(elsewhere), ~carried_on()), children, on, value["months"])
    words = f"{{}} changes of school in {value['months']} months"
    named = rows.annotate(name=F("school__name")).values("id", "child_id", "start", "name")
    return _counted(named, value["at_least"], words, "Started at {name}")


@signal("social_worker", group=FieldGroup.LEGAL)
def social_worker_changes(*, on: date, children: QuerySet[Any], value: dict[str, Any]) -> Iterable[Finding]:
    """Social workers who took over in the window from somebody else."""
    allocated = Relationship.objects.of_kind(RelationKind.SOCIAL_WORKER)
    before = allocated.filter(child=OuterRef("child"), start__lt=OuterRef("start")).exclude(user=OuterRef("user"))
    rows = _in_months(allocated.filter(Exists(before)), children, on, value["months"])
    words = f"{{}} changes of social worker in {value['months']} months"
    return _counted(rows.values("id", "child_id", "start"), value["at_least"], words, "A new social worker")


@signal("missing", group=FieldGroup.NARRATIVE)
def missing(*, on: date, children: QuerySet[Any], value: dict[str, Any]) -> Iterable[Finding]:
    """Times missing or away without authorisation that began in the window."""
    since = on - timedelta(days=value["days"])
    rows = MissingEpisode.objects.filter(child__in=children, start__gt=since, start__lte=on).order_by("start", "id")
    told = [{**row, "what": _what(row)} for row in rows.values("id", "child_id", "start", "kind")]
    words = f"{{}} times missing or away in {value['days']} days"
    return _counted(told, value["at_least"], words, "{what}", one=words.replace("times", "time"))


@signal("designated_teacher", group=FieldGroup.EDUCATION)
def designated_teacher_change(*, on: date, children: QuerySet[Any], value: dict[str, Any]) -> Iterable[Finding]:
    """The child's school has had a new designated teacher in the window, while the child was on its roll."""
    designated = Membership.objects.filter(position=Membership.Position.DESIGNATED_TEACHER)
    before = designated.filter(organisation=OuterRef("organisation"), start__lt=OuterRef("start")).exclude(
        user=OuterRef("user")
    )
    since = on - timedelta(days=value["days"])
    new = designated.filter(Exists(before), periods.on(on), start__gt=since)
    started = {row["organisation_id"]: row for row in new.values("id", "organisation_id", "start")}
    places = Enrolment.objects.main().filter(periods.on(on), child__in=children, school__organisation__in=list(started))
    for place in places.values("child_id", "start", "school__organisation_id", "school__name"):
        change = started[place["school__organisation_id"]]
        if place["start"] < change["start"]:
            when = fact(change["start"], f"A new designated teacher at {place['school__name']}")
            key = f"{place['child_id']}:{change['id']}"
            yield Finding(place["child_id"], key, evidence("A change of designated teacher", when))


@signal("sdq", group=FieldGroup.HEALTH)
def sdq(*, on: date, children: QuerySet[Any], value: dict[str, Any]) -> Iterable[Finding]:
    """The newest strengths and difficulties score of the last two returns is high, or has risen since the one before."""
    newest = collection_year(on)
    rows = HealthReturn.objects.filter(child__in=children, sdq_score__isnull=False, year__range=(newest - 2, newest))
    scores: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for child_id, year, score in rows.order_by("year").values_list("child_id", "year", "sdq_score"):
        scores[child_id].append((year, score))
    for child_id, known in scores.items():
        year, last = known[-1]
        rise = last - known[-2][1] if len(known) > 1 else 0
        if year >= newest - 1 and (last >= value["score"] or rise >= value["rise"]):
            facts = [fact(date(y, 3, 31), f"Score {score} of 40 in the return for {y}") for y, score in known[-2:]]
            yield Finding(child_id, f"{child_id}:{year}", evidence(_sdq_words(last, rise, value), *facts))


def after_another(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those of the care placements that began in the middle of a period of care, and not with it."""
    began_earlier = PeriodOfCare.objects.filter(
        Q(end__isnull=True) | Q(end__gt=OuterRef("start")), child=OuterRef("child"), start__lt=OuterRef("start")
    )
    return rows.filter(Exists(began_earlier))


def _sdq_words(last: int, rise: int, value: dict[str, Any]) -> str:
    rose = f"rose by {rise} points to {last}" if rise >= value["rise"] else f"is {last}"
    high = f", which is {value['score']} or more" if last >= value["score"] else ""
    return f"The strengths and difficulties score {rose}{high}"


def _what(row: dict[str, Any]) -> str:
    return "Missing" if row["kind"] == "M" else "Away without authorisation"


def _in_months(rows: QuerySet[Any], children: QuerySet[Any], on: date, months: int) -> QuerySet[Any]:
    since = schoolyear.add_months(on, -months)
    return rows.filter(child__in=children, start__gt=since, start__lte=on).order_by("start", "id")


def _counted(rows: Rows, at_least: int, words: str, each: str, one: str = "") -> Iterable[Finding]:
    """One finding for a child with enough rows, keyed by the newest: a further one is a new fact, to be answered anew."""
    of_child: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        of_child[row["child_id"]].append(row)
    for child_id, found in of_child.items():
        if len(found) >= at_least:
            sentence = (one if one and len(found) == 1 else words).format(len(found))
            if len(found) == 1:
                sentence = sentence.replace("changes", "change")
            facts = [fact(row["start"], each.format(**row)) for row in found]
            yield Finding(child_id, f"{child_id}:{found[-1]['id']}", evidence(sentence, *facts))
