"""The designated teacher goes to another school in the middle of a PEP: from that day they find nothing, and the next one goes on."""

from datetime import date

import pytest

from children.models import School
from peps.enums import Response, Seat
from peps.models import PepAnswer, PepAuthor
from tests import personas
from tests.factories.children import ChildFactory
from tests.journeys.travelling import PAID, Journey, night, sets_out
from tests.words import says
from virtualschool.accounts.models import Organisation
from virtualschool.jobs.models import Message

pytestmark = pytest.mark.django_db

MEETING, LEAVES = date(2026, 11, 20), date(2026, 11, 16)
HERS = "Number bonds on her fingers each morning, with Ms Reader"


def test_another_designated_teacher(clock):
    journey = sets_out(year=4)
    journey.opened_at_night()
    the_first_one_begins(journey)
    journey.moves_to(clock, LEAVES)
    she_goes_to_another_school(journey)
    she_finds_nothing_from_that_day(journey)
    the_next_one_takes_the_seat(journey)
    the_next_one_reads_what_was_written(journey)
    journey.moves_to(clock, MEETING)
    journey.people |= {"first_teacher": journey.people["teacher"], "teacher": journey.people["next_teacher"]}
    journey.everybody_writes()
    journey.is_met_and_written()
    journey.is_answered_and_read()
    assert journey.released() == PAID
    both_are_its_authors(journey)


def the_first_one_begins(journey: Journey) -> None:
    journey.plans(on=MEETING)
    journey.answers("socialworker", Seat.SOCIAL_WORKER)
    journey.answers("teacher", Seat.DESIGNATED_TEACHER)
    journey.writes("attainment", done_about_it=HERS)
    begun = journey.section("education_now")
    journey["teacher"].fills("write", begun, button="draft", key_adult="Ms Reader")


def she_goes_to_another_school(journey: Journey) -> None:
    """The register of designated teachers, kept by the Virtual School: the next one is appointed, and she at her new school."""
    journey.people["next_teacher"] = personas.person("teacher", name="Nina Next")
    for who, name in (("next_teacher", "Ash School"), ("teacher", "Birch School")):
        school = Organisation.objects.get(name=name)
        given = {"deputy": "no", "email": journey.people[who].email, "start": LEAVES}
        journey["coordinator"].fills("accounts:teacher", school, **given)


def she_finds_nothing_from_that_day(journey: Journey) -> None:
    """404 on every page of it, her own section and invitation too; at her new school she finds that school's children."""
    ChildFactory(in_care=True, first_names="Bea", year=4, school=School.objects.get(name="Birch School"))
    desk, meeting = journey["teacher"], journey.planned()
    own = meeting.invitations.get(seat=Seat.DESIGNATED_TEACHER)
    pages = {
        view: desk.finds(view, journey.pep) for view in ("detail", "read", "targets", "quality", "submit", "paper")
    }
    pages |= {view: desk.finds(view, journey.section("attainment")) for view in ("section", "write")}
    pages |= {"meeting": desk.finds("meeting", meeting), "answer": desk.finds("answer", own)}
    pages |= {"child": desk.finds("overview:child", journey.child)}
    assert set(pages.values()) == {404}, pages
    night()
    listed = desk.opens("list").content.decode()
    assert (says(listed, "Bea"), says(listed, "Amy")) == (True, False)


def the_next_one_takes_the_seat(journey: Journey) -> None:
    """That night, with an invitation of her own to answer, and mail about it."""
    seat = journey.planned().invitations.get(seat=Seat.DESIGNATED_TEACHER)
    new = journey.people["next_teacher"]
    assert (seat.user, seat.response) == (new, Response.WAITING)
    assert Message.objects.filter(to=new).exists()
    journey.answers("next_teacher", Seat.DESIGNATED_TEACHER)


def the_next_one_reads_what_was_written(journey: Journey) -> None:
    """What was finished, by whom; and what was begun stands in her form."""
    desk = journey["next_teacher"]
    finished = desk.opens("section", journey.section("attainment")).content.decode()
    assert HERS in finished
    assert "Tess Teacher" in desk.opens("detail", journey.pep).content.decode()
    form = desk.opens("write", journey.section("education_now")).context["form"]
    assert form["key_adult"].value() == "Ms Reader"


def both_are_its_authors(journey: Journey) -> None:
    """Authorship stays with whoever wrote; the first one still finds nothing when it is complete."""
    first, second = (journey.people[who] for who in ("first_teacher", "next_teacher"))
    written = dict(PepAnswer.objects.filter(section__pep=journey.pep).values_list("field", "written_by"))
    assert (written["done_about_it"], written["key_adult"], written["key_points"]) == (first.pk, first.pk, second.pk)
    assert {first.pk, second.pk} <= set(PepAuthor.objects.filter(pep=journey.pep).values_list("user", flat=True))
    assert journey["first_teacher"].finds("read", journey.pep) == 404
