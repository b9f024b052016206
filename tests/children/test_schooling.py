"""What a care placement means for school: asked by the action whatever page it comes from, and later where a return brought none."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from children import schooling, stops
from children.actions import care, education
from children.actions.care import ChildFacts, PlacementFacts
from children.checks import engine
from children.checks.registry import CHECKS
from children.forms.care import EnterCareForm, PlacementForm
from children.models import Alert, CarePlacement, Child
from tests import personas
from tests.factories.children import CarePlacementFactory, ChildFactory, born_for_year
from tests.factories.rulebook import set_rule
from virtualschool.accounts.roles import ROLES
from virtualschool.jobs.models import Event
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Conflict, Refused, refuse

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FOSTER = PlacementFacts(placement_type="U6", provider="PR4")
MISSING = {"education": ["Select what it means for the child’s school"]}
CHECK = CHECKS[schooling.UNANSWERED]
# year of the child, what was given, who gave it, what is kept (None: refused)
ANSWERS = (
    (5, "stays", "data", "stays"),
    (5, "", "data", None),
    (5, "STAYS", "data", None),
    (5, "\x00", "data", None),
    (0, "", "data", None),
    (13, "", "data", None),
    (13, "emergency", "data", "emergency"),
    (-1, "", "data", ""),
    (-1, "moves", "data", ""),
    (5, "", None, ""),
    (5, "disturbed", None, "disturbed"),
    (5, "nonsense", None, None),
)


@pytest.fixture
def cast():
    return personas.cast()


def place(child, by, **changed) -> CarePlacement:
    given = {"on": today(), "placement": FOSTER, "same_carer": False, "reason": "CARPL", "education": "stays"}
    return care.record_placement(child=child, by=by, **given | changed)


def moved(child, days: int = 10, **facts) -> CarePlacement:
    """A return brought it: the child lives elsewhere."""
    CarePlacement.objects.filter(child=child, end=None).update(end=today() - days * DAY)
    return CarePlacementFactory(child=child, start=today() - days * DAY, **facts)


@pytest.mark.parametrize(("year", "given", "role", "kept"), ANSWERS)
def test_a_person_answers_for_a_child_of_an_age_for_school(year, given, role, kept):
    by = role and personas.person(role)
    child = ChildFactory(in_care=True, year=year)
    facts = ChildFacts(child_id="N1", last_name="New", date_of_birth=born_for_year(year))
    new = {"start": today(), "legal_status": "C2", "placement": FOSTER, "facts": facts, "education": given, "by": by}
    if kept is None:
        for act in (lambda: place(child, by, education=given), lambda: care.enter_care(**new)):
            with pytest.raises(ValidationError) as refused:
                act()
            assert refused.value.message_dict == MISSING
        assert (CarePlacement.objects.count(), Child.objects.count(), Event.objects.count()) == (1, 1, 0)
        return
    assert place(child, by, education=given).education == kept
    assert care.enter_care(**new).child.care_placements.get().education == kept
    told = Event.objects.filter(kind__in=["care.started", "placement.changed"]).values_list(
        "data__education", flat=True
    )
    assert list(told) == [kept, kept]


def test_the_age_is_that_of_the_day():
    """Of Reception since 1 September; the day before the child was too young to be asked."""
    child = ChildFactory(in_care=True, date_of_birth=date(2022, 8, 31))
    assert [schooling.is_asked(child.date_of_birth, day) for day in (date(2026, 8, 31), date(2026, 9, 1))] == [
        False,
        True,
    ]
    by = personas.person("data")
    assert place(child, by, on=date(2026, 8, 31), education="").education == ""
    with pytest.raises(ValidationError):
        place(child, by, on=date(2026, 9, 1), education="")


def test_the_forms_ask_it_where_it_may_be_one(cast):
    small, grown = ChildFactory(year=-1), ChildFactory(year=14)
    asked = [
        "education" in form.fields
        for form in (
            EnterCareForm(user=cast.data),
            EnterCareForm(user=cast.data, returning=True),
            PlacementForm(user=cast.data, child=cast.amy),
            PlacementForm(user=cast.data, child=grown),
            PlacementForm(user=cast.data, child=small),
        )
    ]
    assert asked == [True, True, True, True, False]


def test_a_page_without_the_answer_keeps_what_was_typed(client, cast):
    client.force_login(cast.data)
    day = {f"on-{part}": str(getattr(today(), part)) for part in ("day", "month", "year")}
    sent = {"same_carer": "no", "reason": "CARPL", "placement_type": "K2", "provider": "PR1"} | day
    answer = client.post(reverse("children:placement", args=[cast.amy.uuid]), sent)
    assert dict(answer.context["form"].errors) == MISSING
    assert answer.context["form"]["placement_type"].value() == "K2"
    assert cast.amy.care_placements.count() == 1


def test_a_stop_holds_up_a_person_and_not_the_service(cast, monkeypatch):
    asked: list[stops.PlacementStep] = []
    no = refuse("Settle it first.", "A rule")
    monkeypatch.setattr(stops, "PLACEMENT_LOOKS", [lambda step: ALLOW, lambda step: asked.append(step) or no])
    with pytest.raises(Refused) as refused:
        place(cast.amy, cast.data, education="disturbed")
    assert refused.value.verdict == no
    assert asked == [stops.PlacementStep(cast.amy, today(), "disturbed", cast.data)]
    assert (cast.amy.care_placements.get().end, Event.objects.count()) == (None, 0)
    assert place(cast.amy, None, education="disturbed").education == "disturbed"
    assert len(asked) == 1


# ---------------------------------------------------------------- answering later


def test_a_missing_answer_is_an_alert_until_somebody_answers(client, cast):
    there = moved(cast.amy)
    engine.run_check(CHECK, today())
    alert = Alert.objects.get(check_name=CHECK.name)
    words = "Lives elsewhere since 31 October 2026, and nobody has said what it means for school"
    assert (alert.child, alert.evidence["sentence"]) == (cast.amy, words)
    address = reverse("children:education_answer", args=[cast.amy.uuid])
    assert [told["href"] for told in alert.evidence["facts"]] == [address]

    client.force_login(cast.socialworker)
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in ("placement", "was")} | {"education": "disturbed"}
    assert client.post(address, sent).status_code == 302
    there.refresh_from_db()
    alert.refresh_from_db()
    assert (there.education, alert.state) == ("disturbed", "resolved")
    [event] = Event.objects.filter(kind="placement.education_answered")
    assert event.data == {"child": cast.amy.pk, "placement": there.pk, "education": "disturbed", "on": "2026-10-31"}
    assert client.post(address, sent).status_code == 409, "a double click, or somebody else's answer"
    assert Event.objects.filter(kind="placement.education_answered").count() == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 200),
        ({"education": ""}, 200),
        ({"education": "nonsense"}, 200),
        ({"education": "stays\x00"}, 400),
        ({"education": "stays", "placement": "not-an-id"}, 200),
        ({"education": "stays", "placement": "00000000-0000-4000-8000-000000000000"}, 404),
        ({"education": "stays", "was": "moves"}, 409),
        ({"education": "stays", "was": "x" * 100_000}, 200),
        ({"education": "stays"}, 302),
    ],
)
def test_what_is_sent_oddly_changes_nothing(client, cast, sent, status):
    there = moved(cast.amy)
    client.force_login(cast.data)
    held = {"placement": str(there.uuid), "was": ""}
    answer = client.post(reverse("children:education_answer", args=[cast.amy.uuid]), held | sent)
    there.refresh_from_db()
    assert (answer.status_code, there.education) == (status, "stays" if status == 302 else "")


def test_the_placement_of_another_child_or_of_before_is_not_answered(client, cast):
    before, other = cast.amy.care_placements.get(), moved(cast.bob)
    moved(cast.amy)
    client.force_login(cast.data)
    address = reverse("children:education_answer", args=[cast.amy.uuid])
    got = [
        client.post(address, {"placement": str(one.uuid), "was": "", "education": "stays"}).status_code
        for one in (other, before)
    ]
    assert (got, CarePlacement.objects.exclude(education="").count()) == ([404, 409], 0)


def test_the_return_is_not_held_up_and_another_answer_is(cast, monkeypatch):
    """What a return brought has happened. To say stays first and the truth later is no way round what must be settled."""
    monkeypatch.setattr(stops, "PLACEMENT_LOOKS", [lambda step: refuse("Settle it first.", "A rule")])
    there = moved(cast.amy)
    told = education.answer_education(placement=there, education="stays", was="", by=cast.socialworker)
    with pytest.raises(Refused):
        education.answer_education(placement=told, education="disturbed", was="stays", by=cast.socialworker)
    with pytest.raises(ValidationError):
        education.answer_education(placement=told, education="stays", was="stays", by=cast.socialworker)
    with pytest.raises(Conflict):
        education.answer_education(placement=told, education="disturbed", was="", by=cast.socialworker)
    monkeypatch.setattr(stops, "PLACEMENT_LOOKS", [])
    told = education.answer_education(placement=told, education="moves", was="stays", by=cast.socialworker)
    assert told.education == "moves"


def test_who_may_not_answer_is_refused_and_strangers_find_nothing(client, cast):
    small = ChildFactory(in_care=True, year=-1)
    client.force_login(cast.data)
    assert client.get(reverse("children:education_answer", args=[small.uuid])).status_code == 403
    place_of = moved(cast.amy)
    for role in sorted(set(ROLES) - {"vsh", "ala", "coordinator", "data", "socialworker", "manager"}):
        with pytest.raises(Refused):
            education.answer_education(placement=place_of, education="stays", was="", by=cast[role])
    with pytest.raises(Refused):
        education.answer_education(placement=place_of, education="stays", was="", by=cast.outsiders["socialworker"])
    cast.amy.relationships.filter(user=cast.socialworker).update(end=today())
    client.force_login(cast.socialworker)
    assert client.get(reverse("children:education_answer", args=[cast.amy.uuid])).status_code == 404


# ---------------------------------------------------------------- the night


def test_the_night_asks_of_changes_lately_of_children_at_school():
    def keys() -> list[str]:
        return [one.natural_key for one in CHECK.find(on=today(), children=Child.objects.on_roll())]

    asked = ChildFactory(in_care=True, known_from=today() - 399 * DAY)
    old, answered, small, before = (
        ChildFactory(in_care=True, known_from=today() - 399 * DAY),
        ChildFactory(in_care=True, known_from=today() - 399 * DAY),
        ChildFactory(in_care=True, known_from=today() - 399 * DAY, year=-1),
        ChildFactory(in_care=True, known_from=today() - 5 * DAY),
    )
    ChildFactory(in_care=True, known_from=today() - 399 * DAY)
    there = moved(asked, 91)
    moved(old, 92)
    moved(answered, education="stays")
    moved(small)
    moved(before)
    assert keys() == [f"placement:{there.pk}"]
    set_rule(schooling.UNANSWERED, 30)
    assert keys() == []


def test_the_night_asks_one_question_for_all(django_assert_num_queries):
    for _ in range(3):
        moved(ChildFactory(in_care=True))
    with django_assert_num_queries(2):
        assert len(list(CHECK.find(on=today(), children=Child.objects.on_roll()))) == 3
