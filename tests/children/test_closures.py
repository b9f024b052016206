"""A school closed and another took its place: the children's places go on, and nothing of their history changes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from children import closures, timeline
from children.actions import closures as actions
from children.actions.schools import enrol
from children.checks.registry import CHECKS
from children.enums import EnrolmentKind
from children.models import Child, Enrolment, School
from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory, SchoolLinkFactory
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.models import Event
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

DAY = timedelta(days=1)
CLOSED, OPENED = date(2026, 8, 31), date(2026, 9, 1)
BEGAN = date(2024, 9, 3)


@pytest.mark.parametrize(
    ("closed", "opened", "day"),
    [
        (CLOSED, None, CLOSED),
        (CLOSED, OPENED, OPENED),
        (CLOSED, CLOSED, CLOSED),
        (CLOSED, date(2001, 9, 1), CLOSED),
        (date(2026, 7, 20), OPENED, OPENED),
        (date(2026, 6, 1), OPENED, date(2026, 6, 1)),
        (date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 1)),
    ],
)
def test_the_day_on_which_one_school_becomes_the_other(closed, opened, day):
    assert closures.change_day(School(closed_on=closed), School(opened_on=opened)) == day


def test_a_school_without_a_day_has_no_such_day():
    with pytest.raises(ValueError, match="does not say when"):
        closures.change_day(School(urn="1"), School())


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("Local authority maintained schools", "Academies", "The school became an academy"),
        ("Academies", "Academies", "The school closed"),
        ("Local authority maintained schools", "", "The school closed"),
    ],
)
@pytest.mark.django_db
def test_why_a_place_ended(old, new, why):
    link = SchoolLinkFactory(predecessor__type_group=old, successor__type_group=new)
    assert closures.became(link.predecessor, link.successor) == why
    SchoolLinkFactory(successor=link.successor)  # a merger into an academy is no conversion
    assert closures.became(link.predecessor, link.successor) == "The school closed"


@pytest.fixture
def pair():
    """A school that closed at the end of August, and the one that took its place on the next day."""
    old = SchoolFactory(name="Old School", status=School.Status.CLOSED, closed_on=CLOSED)
    new = SchoolFactory(name="New Academy", opened_on=OPENED)
    SchoolLinkFactory(predecessor=old, successor=new)
    return old, new


@pytest.fixture
def keeper():
    return UserFactory(role="data")


def child_at(school: School, start: date = BEGAN, **facts) -> Child:
    child = ChildFactory(in_care=True)
    EnrolmentFactory(child=child, school=school, start=start, **facts)
    return child


def places(child: Child) -> list[tuple]:
    return list(child.enrolments.order_by("start", "pk").values_list("school__name", "start", "end", "end_reason"))


HAND = (date(2026, 10, 5), "Moved")


@pytest.mark.django_db
class TestCarryingOn:
    @pytest.mark.parametrize(
        ("facts", "expected"),
        [
            ({}, [("Old School", BEGAN, OPENED, "The school closed"), ("New Academy", OPENED, None, "")]),
            (
                {"end": HAND[0], "end_reason": HAND[1]},
                [("Old School", BEGAN, OPENED, "The school closed"), ("New Academy", OPENED, *HAND)],
            ),
            ({"end": date(2027, 1, 4)}, None),
            (
                {"start": CLOSED},
                [("Old School", CLOSED, OPENED, "The school closed"), ("New Academy", OPENED, None, "")],
            ),
            ({"end": CLOSED}, [("Old School", BEGAN, CLOSED, "")]),
            ({"end": OPENED}, [("Old School", BEGAN, OPENED, "")]),
            ({"start": OPENED}, [("Old School", OPENED, None, "")]),
        ],
    )
    def test_only_who_was_on_the_roll_then_and_until_when(self, pair, keeper, facts, expected):
        child = child_at(pair[0], **facts)
        actions.carry_on(school=pair[0], to=pair[1], by=keeper)
        wanted = expected or [
            ("Old School", BEGAN, OPENED, "The school closed"),
            ("New Academy", OPENED, facts["end"], ""),
        ]
        assert places(child) == wanted

    def test_the_same_kind_year_group_and_hours(self, pair, keeper):
        same = {"kind": EnrolmentKind.MAIN, "year_group": 9, "hours_offered": Decimal("22.5")}
        child = child_at(pair[0], **same)
        second = EnrolmentFactory(child=child, school=SchoolFactory(), start=BEGAN, kind=EnrolmentKind.SUBSIDIARY)
        actions.carry_on(school=pair[0], to=pair[1], by=keeper)
        after = child.enrolments.get(school=pair[1])
        assert {name: getattr(after, name) for name in same} == same
        assert Enrolment.objects.get(pk=second.pk).end is None

    def test_once_with_one_event_each_and_one_row_of_who_did_it(self, pair, keeper):
        child = child_at(pair[0])
        for _ in range(2):
            outcome = actions.carry_on(school=pair[0], to=pair[1], by=keeper)
        assert (outcome.done, outcome.refused) == ([], [])
        told = Event.objects.filter(kind__startswith="enrolment.", data__child=child.pk)
        assert sorted(told.values_list("kind", flat=True)) == ["enrolment.ended", "enrolment.started"]
        done = AuditEvent.objects.get(verb="school.carried_on")
        assert (done.by, done.data) == (str(keeper.pk), {"to": [pair[1].urn], "children": 1})

    def test_leavers_and_sealed_records_stay_as_they_are(self, pair, keeper):
        left, sealed = ChildFactory(left_care=True), ChildFactory(in_care=True, sealed=True)
        for child in (left, sealed):
            EnrolmentFactory(child=child, school=pair[0], start=BEGAN)
        for by in (keeper, None):
            assert actions.carry_on(school=pair[0], to=pair[1], by=by).done == []

    def test_one_who_cannot_is_named_and_the_others_go_on(self, pair, keeper):
        fine, odd = child_at(pair[0]), child_at(pair[0])
        EnrolmentFactory(child=odd, school=pair[1], start=date(2026, 9, 7), kind=EnrolmentKind.GUEST)
        outcome = actions.carry_on(school=pair[0], to=pair[1], by=keeper)
        assert [place.child for place in outcome.done] == [fine]
        assert outcome.refused == [(odd, "The child is already on this school's roll in that time.")]
        assert odd.enrolments.get(school=pair[0]).end is None

    @pytest.mark.parametrize("role", ["support", "teacher", "socialworker", "ala"])
    def test_who_does_not_keep_the_roll_is_refused(self, pair, role):
        child_at(pair[0])
        with pytest.raises(Refused):
            actions.carry_on(school=pair[0], to=pair[1], by=UserFactory(role=role))

    @pytest.mark.parametrize(
        "changed",
        [{"closed_on": None}, {"status": "1"}, {"closed_on": date(2026, 12, 18)}],
    )
    def test_a_school_that_has_not_closed(self, pair, keeper, changed):
        child_at(pair[0])
        School.objects.filter(pk=pair[0].pk).update(**changed)
        with pytest.raises(ValidationError, match="has closed"):
            actions.carry_on(school=pair[0], to=pair[1], by=keeper)

    def test_a_school_that_does_not_carry_on_from_it(self, pair, keeper):
        child_at(pair[0])
        with pytest.raises(ValidationError, match="does not carry on"):
            actions.carry_on(school=pair[0], to=SchoolFactory(), by=keeper)
        assert Enrolment.objects.count() == 1

    def test_through_two_closures_one_after_the_other(self, pair, keeper):
        child, last = child_at(pair[0]), SchoolFactory(name="Last School")
        School.objects.filter(pk=pair[1].pk).update(status="2", closed_on=date(2026, 10, 31))
        SchoolLinkFactory(predecessor=pair[1], successor=last)
        actions.carry_on(school=pair[0], to=pair[1], by=keeper)
        actions.carry_on(school=School.objects.get(pk=pair[1].pk), to=last, by=keeper)
        assert [name for name, *_ in places(child)] == ["Old School", "New Academy", "Last School"]


SIGN = CHECKS["placement.signals"]


def signs() -> list[str]:
    return [one.evidence["sentence"] for one in SIGN.find(on=today(), children=Child.objects.on_roll())]


@pytest.mark.django_db
class TestHistory:
    def test_it_is_no_change_of_school_and_a_change_is_one(self, pair, keeper):
        child = child_at(pair[0])
        EnrolmentFactory(child=child, school=SchoolFactory(), start=date(2023, 9, 1), end=BEGAN)
        actions.carry_on(school=pair[0], to=pair[1], by=keeper)
        assert signs() == []
        for days in (30, 10):
            enrol(child=child, school=SchoolFactory(), start=today() - days * DAY, by=None)
        assert signs() == ["2 changes of school in 12 months"]

    @pytest.mark.parametrize(
        ("end", "start", "status", "is_one"),
        [
            (OPENED, OPENED, "2", True),
            (CLOSED, CLOSED, "2", True),
            (OPENED + DAY, OPENED + DAY, "2", True),  # as the council's roll has it: from the first day of term
            (CLOSED - DAY, CLOSED - DAY, "2", False),  # a move before it closed
            (CLOSED, OPENED, "2", False),  # a gap is told as a gap
            (OPENED, OPENED, "1", False),  # the old school goes on
        ],
    )
    def test_what_is_a_place_carried_on(self, pair, end, start, status, is_one):
        School.objects.filter(pk=pair[0].pk).update(status=status)
        child = child_at(pair[0], end=end)
        after = EnrolmentFactory(child=child, school=pair[1], start=start)
        found = Enrolment.objects.annotate(on=closures.carried_on(), off=closures.goes_on()).order_by("start")
        assert [(place.on, place.off) for place in found] == [(False, is_one), (is_one, False)]
        before = child.enrolments.get(school=pair[0])
        assert (closures.carried_from(after), closures.carried_to(before)) == (
            (before, after) if is_one else (None, None)
        )

    def test_the_childs_page_tells_that_the_school_became_another(self, pair, keeper):
        child = child_at(pair[0])
        actions.carry_on(school=pair[0], to=pair[1], by=keeper)
        told = [(one.on, one.title, one.text) for one in timeline.moments(child, user=UserFactory(role="vsh"))]
        assert [one for one in told if "chool became" in one[1] or "Left" in one[1] or "Started" in one[1]] == [
            (OPENED, "The school became New Academy", "Old School closed"),
            (BEGAN, "Started at Old School", ""),
        ]

    def test_the_night_tells_who_is_still_there_until_it_is_done(self, pair, keeper):
        night = CHECKS["education.school_closed"]
        child = child_at(pair[0])
        child_at(pair[1])
        on_roll = Child.objects.on_roll()

        def found(on: date) -> list[str]:
            return [one.evidence["sentence"] for one in night.find(on=on, children=on_roll)]

        assert found(CLOSED - DAY) == []
        assert found(CLOSED) == ["Still on the roll of Old School, which closed on 31 August 2026"]
        [one] = night.find(on=today(), children=on_roll)
        assert (one.child_id, one.natural_key) == (child.pk, f"closed:{child.enrolments.get().pk}")
        actions.carry_on(school=pair[0], to=pair[1], by=keeper)
        assert found(today()) == []


# ---------------------------------------------------------------- pages


def page(school: School) -> str:
    return reverse("children:carry_on", args=[school.uuid])


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def data(self, client, keeper):
        client.force_login(keeper)
        return keeper

    def test_it_shows_who_and_what_and_one_button_does_it(self, client, pair, data):
        children = [child_at(pair[0]) for _ in range(3)]
        shown = client.get(page(pair[0]))
        words = shown.content.decode()
        assert (
            "3 children are still on the roll of Old School, which closed on 31 August 2026. New Academy took its place."
            in words
        )
        assert "Each place ends on 1 September 2026" in words
        assert "No designated teacher is recorded at New Academy" in words
        assert page(pair[0]) in client.get(pair[0].get_absolute_url()).content.decode()
        sent = {"seen": shown.context["form"].initial["seen"]}
        assert [client.post(page(pair[0]), sent).status_code for _ in range(2)] == [302, 200]
        assert [child.enrolments.count() for child in children] == [2, 2, 2]
        assert "No child is still on the roll" in client.get(page(pair[0])).content.decode()

    def test_several_successors_are_chosen_child_by_child(self, client, pair, data):
        other = SchoolFactory(name="Other School")
        SchoolLinkFactory(predecessor=pair[0], successor=other)
        first, second, third = (child_at(pair[0]) for _ in range(3))
        form = client.get(page(pair[0])).context["form"]
        sent = {"seen": form.initial["seen"]}
        assert "Choose a school for at least one child" in client.post(page(pair[0]), sent).content.decode()
        for child, school in ((first, pair[1]), (second, other)):
            sent[f"place-{child.enrolments.get().uuid}"] = str(school.uuid)
        assert client.post(page(pair[0]), sent).status_code == 302
        now = [child.enrolments.order_by("start").last().school.name for child in (first, second, third)]
        assert now == ["New Academy", "Other School", "Old School"]
        assert client.post(page(pair[0]), sent).status_code == 200  # none of them is asked about any more
        assert third.enrolments.count() == 1

    @pytest.mark.parametrize("given", ["nonsense", "11111111-1111-1111-1111-111111111111"])
    def test_another_school_than_the_successors_is_no_choice(self, client, pair, data, given):
        SchoolLinkFactory(predecessor=pair[0], successor=SchoolFactory())
        child = child_at(pair[0])
        sent = {"seen": client.get(page(pair[0])).context["form"].initial["seen"]}
        sent[f"place-{child.enrolments.get().uuid}"] = given
        assert client.post(page(pair[0]), sent).status_code == 200
        assert child.enrolments.count() == 1

    def test_a_page_from_before_somebody_came_or_left_is_stale(self, client, pair, data):
        child_at(pair[0])
        sent = {"seen": client.get(page(pair[0])).context["form"].initial["seen"]}
        late = child_at(pair[0])
        assert client.post(page(pair[0]), sent).status_code == 409
        assert late.enrolments.count() == 1

    def test_without_a_successor_it_says_what_to_do(self, client, data):
        school = SchoolFactory(name="Gone School", status="2", closed_on=CLOSED)
        child_at(school)
        shown = client.get(page(school)).content.decode()
        assert "1 child is still on the roll of Gone School" in shown
        assert "record each child’s next school" in shown

    def test_an_open_school_has_nothing_to_carry_on(self, client, data):
        cast = personas.cast()
        shown = client.get(page(cast.school)).content.decode()
        assert "No child is still on the roll" in shown

    def test_who_does_not_keep_the_roll_sees_the_fact_and_no_way(self, client, pair):
        child_at(pair[0])
        client.force_login(UserFactory(role="ala"))
        shown = client.get(pair[0].get_absolute_url()).content.decode()
        assert "1 child is still on the roll of Old School" in shown
        assert page(pair[0]) not in shown


def test_conflicts_are_told_as_such():
    assert actions._words(Conflict("There already")) == "There already"
