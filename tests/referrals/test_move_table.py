"""Thirty moves: for each, exactly what stops it, who is asked, and which clocks run, and each with its source on the page."""

from datetime import date, timedelta

import pytest

from referrals.enums import Destination, MoveState
from referrals.models import SchoolMove
from referrals.moving.gathering import outlook_of
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory
from tests.factories.moves import ProposedSchoolFactory, SchoolMoveFactory
from virtualschool.kernel.dates import today
from virtualschool.rulebook import rules

pytestmark = pytest.mark.django_db

OURS, OTHER = "999", "878"
# What stands before the move. Every move has "consulted", and "two" where it is decided; a place to keep asks "keep", another school "school".
SCHOOL = "consulted keep school two"
KS4 = f"courses nominated {SCHOOL}"
HOME = "consulted home keep two"
CARE = "consulted keep two"
# In an emergency nobody decides: it is accounted for.
ACTED = "consulted keep school"
ACTED_CARE = "consulted keep"
# Who is asked. Everybody's: child, parents, carer, social worker, reviewing officer, the present school's teacher.
ALL = "carer child iro parents social_worker teacher_now"
NEW = f"admissions {ALL} teacher_new"
FAR = f"{NEW} other_admissions"
# Which clocks run.
APPLY = "admissions.in_year.aim admissions.in_year.limit pep.new_school"
NOW = f"{APPLY} education.emergency move.account_after_emergency"
SEN = "sen.move_answer"

# year, plan, area, emergency, what changes: stops; consultees; clocks
MOVES = [
    (1, "", "in", "", "school", SCHOOL, NEW, APPLY),
    (4, "", "out", "", "school", SCHOOL, FAR, APPLY),
    (4, "plan", "in", "", "both", SCHOOL, f"{NEW} sen", f"{APPLY} {SEN}"),
    (5, "", "in", "emergency", "both", ACTED, NEW, NOW),
    (5, "plan", "out", "emergency", "both", ACTED, f"{FAR} sen", f"{NOW} {SEN}"),
    (6, "", "in", "", "school", f"head {SCHOOL}", NEW, APPLY),
    (6, "plan", "out", "", "both", f"head {SCHOOL}", f"{FAR} sen", f"{APPLY} {SEN}"),
    (6, "", "in", "emergency", "both", ACTED, NEW, NOW),
    (6, "", "in", "", "care", CARE, ALL, ""),
    (6, "", "in", "", "home", f"head {HOME}", ALL, ""),
    (7, "", "in", "", "school", SCHOOL, NEW, APPLY),
    (8, "", "in", "", "school", SCHOOL, NEW, APPLY),
    (8, "", "out", "", "both", SCHOOL, FAR, APPLY),
    (8, "plan", "in", "", "care", CARE, f"{ALL} sen", SEN),
    (8, "", "in", "emergency", "care", ACTED_CARE, ALL, "move.account_after_emergency"),
    (9, "", "in", "", "school", SCHOOL, NEW, APPLY),
    (9, "plan", "out", "emergency", "school", ACTED, f"{FAR} sen", f"{NOW} {SEN}"),
    (9, "", "in", "", "home", HOME, ALL, ""),
    (10, "", "in", "", "school", KS4, NEW, APPLY),
    (10, "", "out", "", "both", KS4, FAR, APPLY),
    (10, "plan", "in", "", "both", KS4, f"{NEW} sen", f"{APPLY} {SEN}"),
    (10, "", "in", "", "care", f"nominated {CARE}", ALL, ""),
    (10, "", "in", "emergency", "both", ACTED, NEW, NOW),
    (11, "", "in", "", "school", f"head {KS4}", NEW, APPLY),
    (11, "plan", "out", "", "both", f"head {KS4}", f"{FAR} sen", f"{APPLY} {SEN}"),
    (11, "", "in", "", "care", f"nominated {CARE}", ALL, ""),
    (11, "", "in", "", "home", f"head nominated {HOME}", ALL, ""),
    (11, "plan", "out", "emergency", "both", ACTED, f"{FAR} sen", f"{NOW} {SEN}"),
    (12, "", "in", "", "school", SCHOOL, NEW, APPLY),
    (13, "plan", "out", "", "both", SCHOOL, f"{FAR} sen", f"{APPLY} {SEN}"),
]
KINDS = {
    "school": (Destination.SCHOOL, False),
    "both": (Destination.SCHOOL, True),
    "care": (Destination.SAME, True),
    "home": (Destination.HOME, False),
}


def move_of(year: int, plan: str, area: str, emergency: str, kind: str) -> SchoolMove:
    """A case as the columns say; the first to be in Year 10 is in the middle of GCSEs."""
    child = ChildFactory(in_care=True, date_of_birth=date(2022 - year, 3, 1))
    place = EnrolmentFactory(child=child, school=SchoolFactory(la_code=OURS, high_age=18))
    if plan:
        child.sen_records.create(status="E", start=today() - timedelta(days=90), plan_on=today() - timedelta(days=90))
    where, care = KINDS[kind]
    acted = {"state": MoveState.ACTED, "emergency": True, "acted_on": today(), "acted_why": "No notice"}
    move = SchoolMoveFactory(
        child=child, from_place=place, destination=where, changes_care=care, **(acted if emergency else {})
    )
    if where == Destination.SCHOOL:
        ProposedSchoolFactory(move=move, school=SchoolFactory(la_code=OTHER if area == "out" else OURS))
    return SchoolMove.objects.select_related("child", "from_place__school").get(pk=move.pk)


def test_there_are_thirty():
    assert len(MOVES) == 30
    assert len({row[:5] for row in MOVES}) == 30


@pytest.mark.parametrize(
    ("year", "plan", "area", "emergency", "kind", "stops", "asked", "clocks"),
    MOVES,
    ids=["-".join(map(str, filter(None, row[:5]))) for row in MOVES],
)
def test_a_move(client, year, plan, area, emergency, kind, stops, asked, clocks):
    move = move_of(year, plan, area, emergency, kind)
    ahead = outlook_of(move)
    assert sorted({str(stop.key) for stop in ahead.stops}) == sorted(stops.split())
    assert sorted(str(one.who) for one in ahead.consultees) == sorted(asked.split())
    assert sorted(one.rule_key for one in ahead.clocks) == sorted(clocks.split())

    client.force_login(UserFactory(role="vsh"))
    page = client.get(move.get_absolute_url())
    assert page.status_code == 200
    shown = page.content.decode()
    sources = {stop.source for stop in ahead.stops} | {one.source for one in ahead.consultees}
    sources |= {rules.get(one.rule_key, on=move.wanted_on).source for one in ahead.clocks}
    assert all(sources)
    assert [source for source in sources if source.replace("'", "&#x27;") not in shown] == []


@pytest.mark.parametrize(
    ("year", "must"), [(9, []), (10, ["child", "iro", "teacher_now"]), (11, ["child", "iro", "teacher_now"])]
)
def test_whom_the_law_has_consulted(year, must):
    ahead = outlook_of(move_of(year, "", "in", "", "school"))
    assert sorted(str(one.who) for one in ahead.consultees if one.must) == must


def test_it_goes_by_the_year_on_the_day_of_the_move():
    """Asked in Year 9 for the September in which the child is in Year 10."""
    move = move_of(9, "", "in", "", "school")
    move.wanted_on = date(2027, 9, 6)
    assert {"nominated", "courses"} <= {str(stop.key) for stop in outlook_of(move).stops}
