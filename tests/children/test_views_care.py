"""The roll's pages at work: new to care, changes, leaving, schools and allocation, with what goes wrong said on the page."""

from datetime import timedelta

import pytest
from django.urls import reverse

from children.models import CarePlacement, Child, Enrolment, Relationship
from tests import personas
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.children import (
    ChildFactory,
    EnrolmentFactory,
    RelationshipFactory,
    SchoolFactory,
    SchoolJudgementFactory,
    SchoolLinkFactory,
)
from tests.factories.moves import let_move
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def cast():
    return personas.cast()


@pytest.fixture
def keeper(client, cast):
    client.force_login(cast.data)
    return cast.data


def at(name, *args) -> str:
    return reverse(f"children:{name}", args=[getattr(arg, "uuid", arg) for arg in args])


def days(name, on) -> dict[str, str]:
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


def errors(answer) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: list(found) for name, found in answer.context["form"].errors.items()}


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


# ---------------------------------------------------------------- new to care


CARE = {
    "submitted": "1",
    "legal_status": "C2",
    "need": "N1",
    "placement_type": "U6",
    "provider": "PR4",
    "education": "moves",
}


def new_child(**changed) -> dict[str, str]:
    given = {"child_id": "N1", "first_names": "Nora", "last_name": "New", **days("date_of_birth", today() - 3000 * DAY)}
    return CARE | given | days("start", today() - DAY) | changed


def test_a_new_child_is_searched_for_first(client, keeper):
    answer = client.post(at("new"), {"last_name": "New", **days("date_of_birth", today() - 3000 * DAY)})
    assert "Nobody matches." in text(answer)
    answer = client.post(at("new_details"), {"last_name": "New", "child_id": "N1"})
    assert answer.context["form"].initial["last_name"] == "New"
    answer = client.post(at("new_details"), new_child())
    child = Child.objects.get(child_id="N1")
    assert (answer.status_code, answer.url) == (302, child.get_absolute_url())
    assert child.care_placements.get().placement_type == "U6"


def test_search_shows_who_is_on_the_roll_and_who_was(client, cast, keeper):
    gone = ChildFactory(
        left_care=True, first_names="Gwen", last_name=cast.amy.last_name, date_of_birth=cast.amy.date_of_birth
    )
    sealed = ChildFactory(left_care=True, sealed=True, last_name="Madeup", date_of_birth=cast.amy.date_of_birth)
    answer = client.post(at("new"), {"last_name": "madeup", **days("date_of_birth", cast.amy.date_of_birth)})
    assert [match["text"] for match in answer.context["on_roll"]] == ["Amy Madeup"]
    assert [match["text"] for match in answer.context["before"]] == ["Gwen Madeup"]
    assert sealed.first_names not in text(answer)
    log = AccessLog.objects.latest("pk")
    assert (log.kind, log.child_ids) == ("search", sorted([cast.amy.pk, gone.pk]))


def test_a_search_needs_enough_to_go_by(client, keeper):
    answer = client.post(at("new"), {"last_name": "Madeup"})
    words = "Enter a last name with a date of birth, a UPN, or the council’s id"
    assert errors(answer) == {"__all__": [words]}


def test_a_child_who_comes_back_is_not_made_twice(client, keeper):
    gone = ChildFactory(left_care=True)
    answer = client.post(at("new_details"), {"returning": gone.uuid})
    assert f"{gone.name}, Born" in text(answer)
    assert "child_id" not in answer.context["form"].fields
    before = Child.objects.count()
    answer = client.post(at("new_details"), CARE | days("start", today() - DAY) | {"returning": gone.uuid})
    assert (answer.status_code, Child.objects.count(), gone.periods_of_care.count()) == (302, before, 2)


@pytest.mark.parametrize("returning", ["not-an-id", "00000000-0000-4000-8000-000000000000"])
def test_somebody_unknown_does_not_come_back(client, keeper, returning):
    assert client.post(at("new_details"), {"returning": returning}).status_code == 404


def test_a_sealed_record_does_not_come_back(client, keeper):
    sealed = ChildFactory(left_care=True, sealed=True)
    assert client.post(at("new_details"), {"returning": sealed.uuid}).status_code == 404


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"child_id": "C000"}, {"child_id": ["This council id belongs to another child."]}),
        ({"legal_status": ""}, {"legal_status": ["Select legal status"]}),
        ({"legal_status": "ZZ"}, {"legal_status": ["Select a valid choice. ZZ is not one of the available choices."]}),
        ({"placement_type": "T1"}, {"placement_type": ["Care cannot start with a temporary care placement."]}),
        (days("start", today() - 3100 * DAY), {"start": ["Care cannot start before the child was born."]}),
        ({"upn": "H80120000100100"}, {"upn": ["UPN must be 13 characters or fewer"]}),
        ({"child_id": "12345678901"}, {"child_id": ["Council’s id must be 10 characters or fewer"]}),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(client, keeper, changed, found):
    ChildFactory(child_id="C000")
    before = Child.objects.count()
    assert errors(client.post(at("new_details"), new_child(**changed))) == found
    assert Child.objects.count() == before


# ---------------------------------------------------------------- changes in care


def test_a_legal_status_is_recorded(client, cast, keeper):
    answer = client.post(at("legal_status", cast.amy), {"legal_status": "V2", **days("on", today())})
    assert answer.status_code == 302
    assert cast.amy.care_episodes.latest("start").legal_status == "V2"


def test_the_same_legal_status_is_said_at_its_field(client, cast, keeper):
    answer = client.post(at("legal_status", cast.amy), {"legal_status": "C2", **days("on", today())})
    assert errors(answer) == {"legal_status": ["This is the child's legal status already."]}


PLACE = {"same_carer": "no", "reason": "CARPL", "placement_type": "K2", "provider": "PR1", "education": "stays"}


def test_a_care_placement_is_recorded_without_what_the_reader_does_not_read(client, cast, keeper):
    sent = PLACE | days("on", today()) | {"address": "2 Smuggled Street", "carer_name": "Smuggled"}
    assert client.post(at("placement", cast.amy), sent).status_code == 302
    place = CarePlacement.objects.get(child=cast.amy, end=None)
    assert (place.placement_type, place.address, place.carer_name) == ("K2", "", "")


def test_the_head_records_address_and_carer(client, cast):
    client.force_login(cast.vsh)
    sent = PLACE | days("on", today()) | {"address": "2 New Street", "carer_name": "Carla", "out_of_area": "on"}
    assert client.post(at("placement", cast.amy), sent).status_code == 302
    place = CarePlacement.objects.get(child=cast.amy, end=None)
    assert (place.address, place.carer_name, place.out_of_area) == ("2 New Street", "Carla", True)


def test_a_care_placement_twice_is_said_on_the_page(client, cast, keeper):
    sent = PLACE | days("on", today())
    client.post(at("placement", cast.amy), sent)
    answer = client.post(at("placement", cast.amy), sent)
    assert errors(answer) == {"on": ["The present care placement began on 10 November 2026. Give a day after it."]}


# ---------------------------------------------------------------- leaving care


def test_a_child_leaves_care_and_a_mistake_is_undone(client, cast, keeper):
    answer = client.post(at("leave", cast.amy), {"reason": "E4A", **days("on", today())})
    assert (answer.status_code, answer.url) == (302, at("leavers"))
    assert client.get(at("leave", cast.amy)).status_code == 404
    assert "Amy Madeup" in text(client.get(at("leavers")))
    assert errors(client.post(at("leavers"), {"child": cast.amy.uuid})) == {}
    answer = client.post(at("leavers"), {"child": cast.amy.uuid, "why": ""})
    assert errors(answer) == {"why": ["Enter an answer to “Why is it undone?”"]}
    answer = client.post(at("leavers"), {"child": cast.amy.uuid, "why": "Another child was meant"})
    assert (answer.status_code, answer.url) == (302, cast.amy.get_absolute_url())
    assert client.get(at("leave", cast.amy)).status_code == 200


def test_a_double_click_on_undo_finds_nobody(client, keeper):
    gone = ChildFactory(left_care=True)
    sent = {"child": gone.uuid, "why": "By mistake"}
    assert [client.post(at("leavers"), sent).status_code for _ in range(2)] == [302, 404]


def test_an_episode_that_goes_on_is_no_reason_for_leaving(client, cast, keeper):
    codes = [code for code, _ in client.get(at("leave", cast.amy)).context["form"].fields["reason"].choices]
    assert "X1" not in codes
    assert {"E11", "E45", "E8"} <= set(codes)


def test_leavers_are_names_and_days_of_the_last_three_months(client, keeper):
    ChildFactory(left_care=True, first_names="Late", upn="H801200001001")
    ChildFactory(left_care=True, first_names="Sealed", sealed=True)
    long_ago = ChildFactory(first_names="Long")
    long_ago.periods_of_care.create(start=today() - 400 * DAY, end=today() - 93 * DAY, end_reason="E4A")
    shown = text(client.get(at("leavers")))
    assert "Late Madeup" in shown
    assert not any(words in shown for words in ("H801200001001", "E4A", "Sealed", "Long Madeup"))


# ---------------------------------------------------------------- schools


def enrolling(school, **changed) -> dict[str, str]:
    return {"school": school, "kind": "single", **days("start", today())} | changed


def test_a_school_is_chosen_by_its_urn(client, cast, keeper):
    let_move(cast.amy, cast.other_school)
    answer = client.post(at("enrol", cast.amy), enrolling(cast.other_school.urn))
    assert answer.status_code == 302
    assert cast.amy.enrolments.get(end=None).school == cast.other_school


def test_one_school_that_matches_is_the_school(client, cast, keeper):
    let_move(cast.amy, cast.other_school)
    client.post(at("enrol", cast.amy), enrolling("bob's"))
    assert cast.amy.enrolments.get(end=None).school == cast.other_school


def test_several_schools_come_back_as_a_choice(client, cast, keeper):
    first, second = SchoolFactory(name="Saint Mary One"), SchoolFactory(name="Saint Mary Two")
    let_move(cast.amy, second)
    answer = client.post(at("enrol", cast.amy), enrolling("saint mary"))
    assert errors(answer) == {"school_chosen": ["Select the school"]}
    offered = answer.context["form"].fields["school_chosen"].choices
    assert [value for value, _ in offered] == [str(first.uuid), str(second.uuid)]
    assert client.post(at("enrol", cast.amy), enrolling("saint mary", school_chosen=second.uuid)).status_code == 302
    assert cast.amy.enrolments.get(end=None).school == second


@pytest.mark.parametrize(
    ("typed", "chosen", "field"),
    [
        ("nowhere at all", "", "school"),
        ("", "", "school"),
        ("saint", "not-an-id", "school_chosen"),
        ("\N{SNOWMAN}", "", "school"),
    ],
)
def test_no_school_is_said_at_its_field(client, cast, keeper, typed, chosen, field):
    SchoolFactory.create_batch(2, name="Saint Mary")
    assert field in errors(client.post(at("enrol", cast.amy), enrolling(typed, school_chosen=chosen)))
    assert cast.amy.enrolments.get().school == cast.school


def test_too_many_schools_are_cut_and_said(client, cast, keeper):
    SchoolFactory.create_batch(12, name="Saint Mary")
    answer = client.post(at("enrol", cast.amy), enrolling("saint"))
    assert len(answer.context["form"].fields["school_chosen"].choices) == 10
    assert "Only the first 10 are shown" in errors(answer)["school_chosen"][0]


def test_a_closed_school_is_refused_with_the_one_after(client, cast, keeper):
    closed = SchoolFactory(name="Old School", closed=True)
    SchoolLinkFactory(predecessor=closed, successor=SchoolFactory(name="New Academy", urn="222222"))
    (words,) = errors(client.post(at("enrol", cast.amy), enrolling(closed.urn)))["school"]
    assert words.endswith("New Academy (URN 222222) took its place.")


def test_what_the_database_refuses_is_said_on_the_page(client, cast, keeper):
    answer = client.post(at("enrol", cast.amy), enrolling(cast.school.urn, kind="guest"))
    assert errors(answer) == {"__all__": ["The child is already on this school's roll in that time."]}


def test_a_double_click_enrols_once(client, cast, keeper):
    let_move(cast.amy, cast.other_school)
    sent = enrolling(cast.other_school.urn)
    assert [client.post(at("enrol", cast.amy), sent).status_code for _ in range(2)] == [302, 409]
    assert cast.amy.enrolments.count() == 2


def test_an_enrolment_ends_on_its_page(client, cast, keeper):
    place = cast.amy.enrolments.get()
    sent = {"reason": "Moved", **days("end", today())}
    assert [client.post(at("end_enrolment", place), sent).status_code for _ in range(2)] == [302, 409]
    assert Enrolment.objects.get(pk=place.pk).end == today()


def test_a_school_page_tells_what_is_known(client, cast):
    client.force_login(cast.ala)
    later = SchoolFactory(name="Later Academy")
    SchoolLinkFactory(predecessor=cast.school, successor=later)
    SchoolJudgementFactory(school=cast.school)
    SchoolJudgementFactory(
        school=cast.school, kind="report_card", on=today(), outcome={"attendance_and_behaviour": "strong standard"}
    )
    shown = text(client.get(at("school", cast.school)))
    expected = [
        "Later Academy",
        "Overall: Good",
        "Attendance and behaviour: strong standard",
        "Tess Teacher",
        "Amy Madeup",
    ]
    assert [words for words in expected if words in shown] == expected
    assert "Amy&#x27;s School" in text(client.get(at("school", later)))


@pytest.mark.parametrize("words", ["", "amy", "%00", "x" * 500, "'; drop table"])
def test_the_list_of_schools_takes_any_words(client, cast, words):
    client.force_login(cast.ala)
    assert client.get(at("schools"), {"q": words}).status_code == 200


# ---------------------------------------------------------------- allocation


def test_allocation_shows_who_works_with_the_child_and_changes_it(client, cast, keeper):
    assert "Sam Worker" in text(client.get(at("allocate", cast.amy)))
    worker = UserFactory(role="socialworker", name="Nia Next")
    here = at("allocate", cast.amy) + "?kind=social_worker"
    sent = {"worker": worker.uuid, **days("start", today())}
    answer = client.post(here, sent)
    assert (answer.status_code, answer.url) == (302, at("allocate", cast.amy))
    assert "Nia Next, from 10 November 2026" in text(client.get(at("allocate", cast.amy)))
    assert client.post(here, sent).status_code == 302
    assert Relationship.objects.filter(child=cast.amy, user=worker).count() == 1


@pytest.mark.parametrize("kind", ["", "nonsense", "team;--"])
def test_a_kind_of_worker_that_is_none_shows_the_list(client, cast, keeper, kind):
    assert "Who works with the child" in text(client.get(at("allocate", cast.amy), {"kind": kind}))


def test_a_manager_is_offered_their_own_team(client, cast):
    client.force_login(cast.manager)
    colleague = UserFactory(role="socialworker")
    MembershipFactory(user=colleague, organisation=cast.team)
    form = client.get(at("allocate", cast.amy), {"kind": "social_worker"}).context["form"]
    offered = {value for value, _ in form.fields["worker"].choices if value}
    assert offered == {str(user.uuid) for user in (cast.socialworker, cast.manager, colleague)}
    assert "Who works with the child" in text(client.get(at("allocate", cast.amy), {"kind": "iro"}))


def test_a_worker_of_another_team_is_refused_on_the_page(client, cast):
    client.force_login(cast.manager)
    sent = {"worker": cast.outsiders["socialworker"].uuid, **days("start", today())}
    assert "worker" in errors(client.post(at("allocate", cast.amy) + "?kind=social_worker", sent))
    assert cast.amy.relationships.get(kind="social_worker").user == cast.socialworker


def test_an_allocation_ends_on_its_page(client, cast, keeper):
    tie = cast.amy.relationships.get(kind="iro")
    sent = days("end", today())
    assert [client.post(at("end_relationship", tie), sent).status_code for _ in range(2)] == [302, 409]


def test_many_are_allocated_in_three_steps(client, cast, keeper):
    iro = UserFactory(role="iro")
    carl = ChildFactory(in_care=True, first_names="Carl")
    chosen = [cast.amy.uuid, cast.bob.uuid, carl.uuid]
    RelationshipFactory(child=carl, kind="iro", user=cast.iro, start=today() + 3 * DAY)
    first = client.post(at("allocate_many"), {"children": chosen})
    assert first.context["names"] == ["Amy Madeup", "Bob Madeup", "Carl Madeup"]
    carried = first.context["form"].initial["chosen"]
    second = client.post(at("allocate_many"), {"chosen": carried, "kind": "iro", "submitted": "1"})
    sent = {"chosen": carried, "kind_chosen": "iro", "worker": iro.uuid, **days("start", today())}
    assert second.context["form"].initial["chosen"] == carried
    last = client.post(at("allocate_many"), sent)
    assert (last.context["done"], last.context["unknown"]) == (["Amy Madeup", "Bob Madeup"], 0)
    words = "The child already has one in that time; end it first."
    assert last.context["refused"] == [{"name": "Carl Madeup", "reason": words}]


def test_children_out_of_reach_are_counted_and_not_named(client, cast):
    client.force_login(cast.manager)
    colleague = UserFactory(role="socialworker")
    MembershipFactory(user=colleague, organisation=cast.team)
    sent = {
        "chosen": f"{cast.amy.uuid} {cast.bob.uuid}",
        "kind_chosen": "social_worker",
        "worker": colleague.uuid,
        **days("start", today()),
    }
    answer = client.post(at("allocate_many"), sent)
    assert (answer.context["done"], answer.context["unknown"]) == (["Amy Madeup"], 1)
    assert "Bob" not in text(answer)
    assert cast.bob.relationships.get(kind="social_worker").user == cast.outsiders["socialworker"]


@pytest.mark.parametrize(
    "sent", [{}, {"children": "no-id"}, {"chosen": "no-id", "kind_chosen": "iro"}, {"kind": "nonsense"}]
)
def test_nothing_chosen_is_said(client, keeper, sent):
    assert "No child was chosen" in text(client.post(at("allocate_many"), sent))


# ---------------------------------------------------------------- lists cost the same however long they are


def count(django_assert_num_queries, client, number, href):
    with django_assert_num_queries(number):
        assert client.get(href).status_code == 200


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_of_leavers_costs_the_same(client, keeper, django_assert_num_queries, rows):
    for _ in range(rows):
        ChildFactory(left_care=True)
    count(django_assert_num_queries, client, 11, at("leavers"))


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_of_schools_costs_the_same(client, keeper, django_assert_num_queries, rows):
    SchoolFactory.create_batch(rows, name="Saint Mary")
    count(django_assert_num_queries, client, 13, at("schools") + "?q=saint")


@pytest.mark.parametrize("rows", [1, 50])
def test_a_school_page_costs_the_same(client, keeper, django_assert_num_queries, rows):
    school = SchoolFactory()
    for _ in range(rows):
        EnrolmentFactory(child=ChildFactory(in_care=True), school=school)
    count(django_assert_num_queries, client, 19, at("school", school))


@pytest.mark.parametrize("rows", [1, 50])
def test_what_was_ticked_costs_the_same(client, keeper, django_assert_num_queries, rows):
    chosen = [ChildFactory(in_care=True).uuid for _ in range(rows)]
    with django_assert_num_queries(10):
        assert client.post(at("allocate_many"), {"children": chosen}).status_code == 200
