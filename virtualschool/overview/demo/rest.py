"""What stands beside the roll and the PEPs: money for the year, risks, notes, grants, the other cohorts, children placed here."""

import random
from datetime import timedelta

from children import access
from children.actions import notes
from children.enums import Basis, Cohort, GrantKind
from children.models import Child, CohortFigure, Enquiry, HostedChild, LocalAuthority, PreviouslyInCare, Relationship
from pupil_premium.actions import open_grant_year
from referrals.actions import close_report, make_plan, report_risk
from virtualschool.accounts.models import Cover
from virtualschool.kernel.dates import moment, standing_at
from virtualschool.overview.demo import words
from virtualschool.overview.demo.world import World

DAY = timedelta(days=1)
GRANT_A_CHILD = 263_000  # pence: the rate of 2025-26, made-up for the year after


def money(world: World, children: int) -> None:
    """The grant of this financial year and the last two."""
    this = world.on.year if world.on.month >= 4 else world.on.year - 1
    for year in (this - 2, this - 1, this):
        on = world.on.replace(year=year, month=4, day=1)
        with standing_at(moment(on)):
            open_grant_year(year=year, amount_pence=GRANT_A_CHILD * children * 3 // 4, by=world.demo["vsh"], on=on)


def risks(world: World, rng: random.Random) -> None:
    """Reports of the last weeks: some new, some with a plan, some closed; the demo social worker has one of each."""
    ties = Relationship.objects.filter(kind="social_worker", end__isnull=True, start__lt=world.on - DAY * 40)
    mine = list(ties.filter(user=world.demo["socialworker"]).select_related("child", "user").order_by("pk")[:3])
    others = list(ties.exclude(user=world.demo["socialworker"]).select_related("child", "user").order_by("pk"))
    chosen = [*mine, *rng.sample(others, min(13, len(others)))]
    for n, tie in enumerate(chosen):
        day = world.on - timedelta(days=rng.randint(1, 25) if n % 3 else 2)
        with standing_at(moment(day, 9)):
            told = report_risk(
                child=tie.child,
                at_risk=rng.choice(("care_placement", "care_placement", "school_place")),
                why=rng.choice(words.RISK_WHY),
                how_soon=rng.choice(("today", "week", "month")),
                would_help=rng.choice(words.RISK_HELP),
                by=tie.user,
            )
        if n % 3 and day < world.on - DAY * 4:
            with standing_at(moment(day + DAY * 2, 11)):
                make_plan(
                    report=told.report,
                    plan="Meeting with carer and school on Thursday; transport kept meanwhile.",
                    by=world.advocates[0],
                )
        if n % 5 == 4:
            with standing_at(moment(min(day + DAY * 3, world.on - DAY), 15)):
                close_report(
                    report=told.report, outcome="held", words="The placement held with respite.", by=world.advocates[0]
                )


def case_notes(world: World, rng: random.Random) -> None:
    """Notes by advocates and by the demo social worker."""
    ties = Relationship.objects.filter(kind__in=["advocate", "social_worker"], end__isnull=True)
    some = list(ties.filter(start__lt=world.on - DAY * 60).select_related("child", "user").order_by("pk"))
    for tie in rng.sample(some, min(60, len(some))):
        subject, body = rng.choice(words.NOTES)
        day = world.on - timedelta(days=rng.randint(1, 50))
        with standing_at(moment(day, 13)):
            notes.add_note(child=tie.child, subject=subject, body=body, happened_on=day, by=tie.user)


def matters(world: World, rng: random.Random) -> None:
    """Open matters for the SEN and the admissions officer, and a colleague's cover."""
    planned = Child.objects.counted(world.on).filter(sen_records__status="E").order_by("pk").distinct()[:6]
    for n, child in enumerate(planned):
        who, kind = ("sen", GrantKind.SEN) if n % 2 else ("admissions", GrantKind.ADMISSION)
        with standing_at(moment(world.on - timedelta(days=rng.randint(2, 15)))):
            access.grant(
                child=child,
                kind=kind,
                matter=f"demo:{who}:{child.uuid}",
                reason="A move of school is being talked about.",
                user=world.demo[who],
            )
    Cover.objects.create(
        user=world.workers[1],
        covered_by=world.demo["socialworker"],
        start=world.on - DAY * 2,
        end=world.on + DAY * 8,
        reason="Annual leave",
        created_by=world.demo["data"],
    )


def cohorts(world: World, rng: random.Random) -> None:
    """Children previously in care, the figures on the other cohorts, and the register of children placed here."""
    places = [school.name for group in world.schools.values() for school in group]
    records = [_previously(world, rng, rng.choice(places)) for _ in range(60)]
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
        for _ in range(15)
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
        advised_by=rng.choice(world.advocates) if answered else None,
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


def _figure(cohort: str, measure: str, area: str, on, count: int, out_of: int | None) -> CohortFigure:
    return CohortFigure(cohort=cohort, measure=measure, area=area, on=on, count=count, out_of=out_of, source="Made up")
