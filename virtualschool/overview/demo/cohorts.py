"""The cohorts beside the roll: children previously in care who are known by their own wish, figures on others, children placed here."""

import random
from datetime import date, timedelta

from children.enums import Basis, Cohort
from children.models import CohortFigure, Enquiry, HostedChild, LocalAuthority, PreviouslyInCare
from virtualschool.overview.demo import words
from virtualschool.overview.demo.world import World

DAY = timedelta(days=1)
PREVIOUSLY_IN_CARE, HOSTED = 60, 15


def build(world: World) -> None:
    """Children previously in care, the figures on the other cohorts, and the register of children placed here."""
    rng = random.Random(f"{world.seed}:{world.on}:cohorts")
    places = [school.name for group in world.schools.values() for school in group]
    records = [_previously(world, rng, rng.choice(places)) for _ in range(PREVIOUSLY_IN_CARE)]
    PreviouslyInCare.objects.bulk_create(records)
    Enquiry.objects.bulk_create(
        _enquiry(record, world, rng) for record in records if record.agreed_on and rng.random() < 0.5
    )
    CohortFigure.objects.bulk_create(_figures(world, rng))
    homes = list(LocalAuthority.objects.order_by("code")[:40])
    HostedChild.objects.bulk_create(
        HostedChild(
            name=f"{rng.choice(words.FIRST_NAMES)} {rng.choice(words.LAST_NAMES)}",
            home_authority=rng.choice(homes),
            school=rng.choice(world.schools["S"]),
            contact="Virtual School duty desk",
            asked_of_us="To know whom to ring at the school.",
            start=world.on - timedelta(days=rng.randint(10, 500)),
        )
        for _ in range(HOSTED)
        if homes
    )


def _previously(world: World, rng: random.Random, school: str) -> PreviouslyInCare:
    agreed = rng.random() < 0.6
    day = world.on - timedelta(days=rng.randint(20, 700))
    return PreviouslyInCare(
        name=f"{rng.choice(words.FIRST_NAMES)} {rng.choice(words.LAST_NAMES)}",
        year_of_birth=world.on.year - rng.randint(3, 15),
        school_name=school,
        basis=rng.choice((Basis.ADOPTION, Basis.ADOPTION, Basis.SGO, Basis.SGO, Basis.CAO)),
        since=day - timedelta(days=rng.randint(100, 1500)),
        evidence_seen_on=day if agreed else None,
        evidence="Court order" if agreed else "",
        agreed_by="Parent" if agreed else "",
        agreed_on=day if agreed else None,
    )


def _enquiry(record: PreviouslyInCare, world: World, rng: random.Random) -> Enquiry:
    question, advice = rng.choice(words.QUESTIONS)
    answered = rng.random() < 0.8
    asked = record.agreed_on + timedelta(days=rng.randint(0, 15))
    return Enquiry(
        about=record,
        asked_by=rng.choice(("Parent", "Designated teacher", "Nursery manager")),
        asked_on=asked,
        question=question,
        advice=advice if answered else "",
        advised_by=rng.choice(world.people["ala"]) if answered else None,
        advised_on=asked + DAY * 3 if answered else None,
    )


def _figures(world: World, rng: random.Random) -> list[CohortFigure]:
    found = []
    for cohort, size in ((Cohort.SOCIAL_WORKER, 2300), (Cohort.KINSHIP, 410)):
        for back in range(4):
            on = world.on.replace(day=1) - timedelta(days=91 * back)
            whole = size + rng.randint(-60, 60)
            rows = (
                ("Children", whole, None),
                ("Persistently absent", whole * 3 // 10, whole),
                ("Suspended this term", whole // 14, whole),
            )
            found += [_figure(cohort, words_, "The whole council", on, count, out_of) for words_, count, out_of in rows]
        found += [
            _figure(cohort, "Children", school.name, world.on.replace(day=1), rng.randint(1, 40), None)
            for school in world.schools["S"][:6]
        ]
    return found


def _figure(cohort: str, measure: str, area: str, on: date, count: int, out_of: int | None) -> CohortFigure:
    return CohortFigure(cohort=cohort, measure=measure, area=area, on=on, count=count, out_of=out_of, source="Made up")
