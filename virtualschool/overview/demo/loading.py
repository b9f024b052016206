"""What was before the last term, loaded in bulk: children, care, schools, workers; and of every child what has no action of its own."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from children.enums import RelationKind, SenStatus
from children.models import (
    CareEpisode,
    CarePlacement,
    CareReview,
    Child,
    Enrolment,
    HealthReturn,
    MissingEpisode,
    PeriodOfCare,
    Relationship,
    SenRecord,
)
from children.schooling import is_asked
from virtualschool.overview.demo.roll import Made, Place, Stay
from virtualschool.overview.demo.world import World
from virtualschool.rulebook import schoolyear

DAY = timedelta(days=1)
MOVED = "Moved to another school"
HOME = "ZZ9 9ZZ"
HOURS = Decimal(25)


def load(world: World, made: list[Made]) -> list[Made]:
    """Load the children who came into care before the last term, as they stood on its first day.

    Returns:
        those loaded; the others come into care through the actions.
    """
    before = [one for one in made if one.start < world.since]
    Child.objects.bulk_create([one.child for one in before])
    _care(before, world.since)
    Enrolment.objects.bulk_create(_stays(before, world.since))
    Relationship.objects.bulk_create([tie for one in before for tie in _ties(one, world)])
    records(world, before)
    return before


def records(world: World, made: list[Made]) -> None:
    """Needs, reviews of the care plan, times missing and health returns, up to the day and of the reviews beyond it."""
    kinds = (_need, _reviews, _missing, _health)
    for kind in kinds:
        rows: list[Any] = [row for one in made for row in kind(one, world)]
        if rows:
            rows[0]._meta.model._default_manager.bulk_create(rows)


def _until(end: date | None, since: date) -> date | None:
    """An end that has been; one that is to be told is not known yet."""
    return end if end is not None and end < since else None


# ---------------------------------------------------------------- care


def _care(made: list[Made], since: date) -> None:
    """Periods, placements and episodes; a move of placement is a new episode on the day the last one ended."""
    periods = PeriodOfCare.objects.bulk_create(
        PeriodOfCare(child=one.child, start=one.start, short_breaks=one.short_breaks) for one in made
    )
    placed = [[(place, _placement(one, place)) for place in one.places if place.start < since] for one in made]
    for rows in placed:
        for (_, row), (following, _) in zip(rows, rows[1:], strict=False):
            row.end, row.end_reason = following.start, following.reason
    CarePlacement.objects.bulk_create(row for rows in placed for _, row in rows)
    CareEpisode.objects.bulk_create(
        _episode(one, period, place, row)
        for one, period, rows in zip(made, periods, placed, strict=True)
        for place, row in rows
    )


def _placement(one: Made, place: Place) -> CarePlacement:
    return CarePlacement(
        child=one.child,
        start=place.start,
        placement_type=place.kind,
        provider=place.provider,
        ofsted_urn="SC900001",
        carer_name=place.carer,
        carer_telephone="01632 960 200",
        address=place.address,
        postcode=place.postcode,
        area_code="999",
        out_of_area=place.out_of_area,
        education=one.schooling(place.start) if is_asked(one.child.date_of_birth, place.start) else "",
    )


def _episode(one: Made, period: PeriodOfCare, place: Place, row: CarePlacement) -> CareEpisode:
    moved = "T" if place.same_carer else "P"
    return CareEpisode(
        child=one.child,
        period=period,
        placement=row,
        start=row.start,
        reason_new="S" if row.start == one.start else moved,
        legal_status=one.status,
        need=one.need,
        placement_type=row.placement_type,
        provider=row.provider,
        end=row.end,
        reason_ceased="" if row.end is None else "X1",
        reason_place_change=row.end_reason,
        home_postcode=HOME,
        placement_postcode=row.postcode,
        ofsted_urn=row.ofsted_urn,
    )


# ---------------------------------------------------------------- schools and workers


def enrolment(one: Made, stay: Stay, end: date | None) -> Enrolment:
    return Enrolment(
        child=one.child,
        school=stay.school,
        start=stay.start,
        end=end,
        end_reason=MOVED if end else "",
        hours_offered=HOURS,
    )


def _stays(made: list[Made], since: date) -> list[Enrolment]:
    return [
        enrolment(one, stay, _until(stay.end, since))
        for one in made
        for stay in one.stays
        if stay.start < since and stay.start != stay.end
    ]


def _ties(one: Made, world: World) -> list[Relationship]:
    """Who works with the child; two social workers of one team after another are one tie to the team."""
    rows = [
        Relationship(child=one.child, kind=RelationKind(kind), user=user, start=one.start)
        for kind, user in one.others.items()
    ]
    held = [(start, user) for start, user in one.workers if start < world.since]
    team: Relationship | None = None
    for (start, user), (end, _) in zip(held, [*held[1:], (None, None)], strict=True):
        rows.append(Relationship(child=one.child, kind=RelationKind.SOCIAL_WORKER, user=user, start=start, end=end))
        theirs = world.team_of[user.pk]
        if team is not None and team.team == theirs:
            team.end = end
            continue
        team = Relationship(child=one.child, kind=RelationKind.TEAM, team=theirs, start=start, end=end)
        rows.append(team)
    return rows


# ---------------------------------------------------------------- what has no action


def _need(one: Made, world: World) -> list[SenRecord]:
    if one.year < 0:
        return []
    status = one.rng.choices((SenStatus.NONE, SenStatus.SUPPORT, SenStatus.EHCP), (44, 27, 29))[0]
    if status == SenStatus.NONE:
        return []
    start = world.on - one.between(60, 900)
    plan = start if status == SenStatus.EHCP else None
    return [
        SenRecord(
            child=one.child,
            status=status,
            primary_need=one.rng.choice(("SEMH", "SLCN", "MLD", "ASD")),
            plan_on=plan,
            annual_review_due=world.on + one.between(-20, 300) if plan else None,
            maintained_by="999" if plan else "",
            start=start,
        )
    ]


def _reviews(one: Made, world: World) -> list[CareReview]:
    """The first within 20 working days, the second after three months, then every six; the next ones planned."""
    if one.short_breaks:
        return []
    days = [one.start + timedelta(days=20)]
    while days[-1] < world.on + timedelta(days=20):
        days.append(days[-1] + timedelta(days=90 if len(days) == 1 else 178))
    held = "PN1" if schoolyear.age(one.child.date_of_birth, world.on) >= 4 else "PN0"
    last = one.end or days[-1] + DAY
    return [
        CareReview(child=one.child, on=day, participation=held if day < world.on else "") for day in days if day < last
    ]


def _missing(one: Made, world: World) -> list[MissingEpisode]:
    if one.year < 8 or one.rng.random() > 0.06:
        return []
    start = world.on - one.between(5, 80)
    inside = one.start < start < (one.end or world.on)
    return [MissingEpisode(child=one.child, kind="M", start=start, end=start + DAY)] if inside else []


def _health(one: Made, world: World) -> list[HealthReturn]:
    if one.year < 0 or (world.on - one.start).days < 400:
        return []
    score = min(40, max(0, round(one.rng.gauss(10, 4))))
    after = min(40, max(0, score + one.rng.randint(-4, 4)))
    this = world.on.year if world.on.month >= 4 else world.on.year - 1
    return [
        HealthReturn(child=one.child, year=this - 1, sdq_score=score),
        HealthReturn(child=one.child, year=this, sdq_score=after),
    ]
