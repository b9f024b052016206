"""Ids that come in a body, a query or a hidden field: what is not one's own is as if it were not there, and nothing changes."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from django.urls import reverse

from children.models import Child
from children.views import watch as watch_views
from peps.models import PepMeeting
from tests.access import asking
from tests.access.asking import Browser
from tests.access.objects import AMY, BOB, World
from tests.factories.children import ChildFactory, PeriodOfCareFactory
from tests.factories.peps import PepCostFactory, PepSetAsideFactory, PepTargetFactory
from tests.peps.stages import answer_form
from tests.words import says
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
OF_TODAY = {"start_0": "10", "start_1": "11", "start_2": "2026"}


@dataclass(frozen=True)
class Sent:
    """Somebody sends a form that names a record in its body, under each of the names that the body has for it."""

    who: str
    where: str
    side: str
    data: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.who} {self.where} {sorted(self.data)}"


def filled(data: dict[str, Any], value: Any) -> dict[str, Any]:
    return {name: value if given is ID else given for name, given in data.items()}


ID = object()
IN_A_BODY = [
    Sent("manager", "children:allocate_many", AMY, {"children": ID}),
    Sent("manager", "children:allocate_many", AMY, {"chosen": ID, "kind": "social_worker", "submitted": "1"}),
    Sent("socialworker", "referrals:which_child", AMY, {"child": ID, "at_risk": "care_placement"}),
    Sent("vsh", "children:new_details", "", {"returning": ID}),
    Sent("vsh", "children:new_details", "", {"returning": ID, "submitted": "1"}),
    Sent("data", "children:leavers", "", {"child": ID, "why": "Entered by mistake"}),
    Sent("ala", "children:previously_add", "", {"child": ID, "name": "Somebody", "basis": "sgo"}),
    Sent("manager", "watch:outside_team", "", {"found": ID, "reason": "The child is at the office now"}),
]


@pytest.fixture
def out_of_reach(world: World) -> dict[str, Child]:
    """Children that none of these forms may touch, whoever sends it."""
    sealed = ChildFactory(first_names="Hidden", last_name="Sealedname", sealed=True)
    PeriodOfCareFactory(child=sealed, end=today(), end_reason="E11")
    return {"another's": world.people.bob, "sealed": sealed}


@pytest.mark.parametrize("sent", IN_A_BODY, ids=str)
def test_a_record_named_in_a_body_is_as_if_it_were_not_there(
    world: World, out_of_reach: dict[str, Child], sent: Sent
) -> None:
    browser = Browser(world.users[sent.who])
    before = asking.contents()
    ids = {"missing": uuid4()} | {words: child.uuid for words, child in out_of_reach.items()}
    answers = {words: _send(browser, sent, str(value)) for words, value in ids.items()}
    assert asking.changed(before) == []
    assert len(set(answers.values())) == 1, answers
    assert [name for name in ("Bob", "Sealedname") for _, text in answers.values() if says(text, name)] == []


def _send(browser: Browser, sent: Sent, value: str) -> tuple[int, str]:
    """The answer, and the page without the id that was sent and without its own keys and tokens."""
    answer = browser.post(reverse(sent.where), **filled(sent.data, value))
    assert answer.status in (200, 404, 409), answer
    lines = [line for line in answer.text.replace(value, "").splitlines() if 'type="hidden"' not in line]
    return answer.status, "\n".join(lines)


def test_a_word_that_is_no_id_is_no_error(world: World) -> None:
    found = []
    for sent in IN_A_BODY:
        for value in ("", "x", "1", "%00", "a" * 40, "٣", str(world.people.amy.pk)):
            status = Browser(world.users[sent.who]).post(reverse(sent.where), **filled(sent.data, value)).status
            if status not in (200, 404, 409):
                found.append(f"{sent} {value!r}: {status}")
    assert found == []


def test_many_are_allocated_and_those_out_of_reach_stay_as_they_are(world: World) -> None:
    """Forbidden ones are counted without a name; permitted ones are done."""
    people, worker = world.people, world.users["socialworker"]
    before = {tie.pk: tie.end for tie in people.bob.relationships.all()}
    chosen = f"{people.amy.uuid} {people.bob.uuid} {uuid4()}"
    answer = Browser(world.users["manager"]).post(
        reverse("children:allocate_many"), chosen=chosen, kind_chosen="social_worker", worker=worker.uuid, **OF_TODAY
    )
    assert answer.status == 200
    assert not says(answer.text, "Bob")
    assert {tie.pk: tie.end for tie in people.bob.relationships.all()} == before


def test_a_manager_gives_no_child_to_a_worker_of_another_team(world: World) -> None:
    """The worker's id is in the form's field, which offers the manager's own team only."""
    amy, stranger = world.people.amy, world.users["other socialworker"]
    browser, before = Browser(world.users["manager"]), asking.contents()
    url = f"{reverse('children:allocate', args=[amy.uuid])}?kind=social_worker"
    answer = browser.post(url, worker=stranger.uuid, **OF_TODAY)
    assert (answer.status, asking.changed(before)) == (200, [])


def test_a_search_result_of_somebody_else_opens_nothing(world: World) -> None:
    """What a manager found is signed for that manager; it does not open a record for another one, nor unsigned."""
    bob = world.people.bob
    reason = {"reason": "The child is at the office now"}
    theirs = signing.dumps([str(bob.uuid), world.users["other manager"].pk], salt=watch_views.SALT)
    for found in (theirs, str(bob.uuid), f"{theirs}x"):
        browser, before = Browser(world.users["manager"]), asking.contents()
        answer = browser.post(reverse("watch:outside_team"), found=found, **reason)
        assert (answer.status, asking.changed(before)) == (409, []), found
    assert Browser(world.users["manager"]).get(bob.get_absolute_url()).status == 404


def test_another_peps_lines_are_not_agreed_with_this_one(world: World) -> None:
    foreign = world.record(BOB, "cost")
    own = PepCostFactory(target=PepTargetFactory(pep=world.record(AMY, "pep_submitted")))
    answer = Browser(world.users["ala"]).post(
        reverse("peps:grade", args=[world.record(AMY, "pep_submitted").uuid]),
        **answer_form(world.record(AMY, "pep_submitted"), agreed=[own.pk, foreign.pk]),
    )
    foreign.refresh_from_db()
    assert (answer.status, foreign.agreed) == (200, None)


def test_only_the_meetings_own_invitations_are_recorded(world: World) -> None:
    """A field for another meeting's invitation is no field of the form."""
    mine: PepMeeting = world.record(AMY, "meeting")
    foreign = world.record(BOB, "invitation")
    data = {f"came_{one.pk}": "came" for one in mine.invitations.all()} | {f"came_{foreign.pk}": "came"}
    with asking.undone():
        Browser(world.users["coordinator"]).post(reverse("peps:hold", args=[mine.uuid]), **data)
        foreign.refresh_from_db()
        assert foreign.attendance == ""


def test_somebody_elses_words_set_aside_in_another_pep_are_not_settled(world: World) -> None:
    theirs = PepSetAsideFactory(
        section=world.record(BOB, "section_social_work"), field="story_for_school", by=world.users["other socialworker"]
    )
    url = reverse("peps:conflicts", args=[world.record(AMY, "section_social_work").uuid])
    browser, before = Browser(world.users["socialworker"]), asking.contents()
    browser.post(url, **{f"choice_{theirs.pk}": "mine"})
    assert asking.changed(before) == []


@pytest.mark.parametrize(
    ("who", "where", "key"), [("ala", "children:note_add", "note"), ("ala", "children:file_add", "file_education")]
)
def test_the_key_of_a_form_does_not_lead_to_another_record(world: World, who: str, where: str, key: str) -> None:
    """The key makes a double click one record; with another record's id as the key nothing is read or changed."""
    foreign = world.record(BOB, key)
    browser, before = Browser(world.users[who]), asking.contents()
    url = reverse(where, args=[world.people.amy.uuid])
    data = {"subject": "Call", "body": "Words", "happened_on_0": "9", "happened_on_1": "11", "happened_on_2": "2026"}
    answer = browser.post(url, key=foreign.uuid, **data)
    assert answer.status in (200, 409)
    assert asking.changed(before) == []


def test_a_mark_for_a_child_of_another_school_is_no_field_of_the_form(world: World) -> None:
    bob = world.people.bob
    browser, before = Browser(world.users["teacher"]), asking.contents()
    answer = browser.post(reverse("attendance:marks"), **{f"{half}_{bob.uuid}_{today()}": "/" for half in ("am", "pm")})
    assert (answer.status in (200, 302), asking.changed(before)) == (True, [])
    assert not says(answer.text, "Bob")


@pytest.mark.parametrize(
    ("who", "where", "query"),
    [
        ("socialworker", "overview:roll", {"q": "Bob"}),
        ("socialworker", "overview:roll", {"school": "Bob's School"}),
        ("socialworker", "overview:search", {"q": "Bob"}),
        ("socialworker", "peps:list", {"q": "Bob"}),
        ("socialworker", "peps:list", {"school": "Bob's School"}),
        ("socialworker", "watch:alerts", {"school": "Bob's School"}),
        ("teacher", "peps:list", {"school": "Bob's School"}),
        ("teacher", "children:schools", {"q": "Bob's School"}),
        ("teacher", "pupil_premium:releases", {"school": "Bob's School"}),
        ("socialworker", "referrals:list", {"state": ""}),
    ],
)
def test_a_filter_never_widens_what_somebody_reaches(world: World, who: str, where: str, query: dict[str, str]) -> None:
    """The filter's own words come back in its field; nobody's record does."""
    browser = Browser(world.users[who])
    ask = browser.search if "q" in query and where != "children:schools" else browser.get
    answer = ask(reverse(where), **query)
    assert answer.status == 200
    bob, school = world.people.bob, world.people.other_school
    ids = [str(bob.uuid), bob.child_id, str(school.uuid) if who == "teacher" else "", *map(_uuid, _of(world, BOB))]
    assert [one for one in ids if one and one in answer.text] == []


def _of(world: World, side: str) -> list[Any]:
    return [record for key, record in world.records[side].items() if getattr(record, "child_id", None)]


def _uuid(record: Any) -> str:
    return str(record.uuid)


SEARCHED = ["overview:roll", "overview:search", "peps:list", "peps:due"]


@pytest.mark.parametrize(("where", "how"), [*((where, "search") for where in SEARCHED), ("watch:alerts", "get")])
@pytest.mark.parametrize(
    "value", ["'", '"', "%", "_", "\\", "a' OR 1=1 --", "<script>", "\u202e", "9" * 200, "-1", "NaN"]
)
def test_odd_words_in_a_filter_are_no_error(world: World, where: str, how: str, value: str) -> None:
    names = ("q", "school", "page", "year", "state", "term", "mine", "sort", "kind", "before", "phase", "care", "pep")
    answer = getattr(Browser(world.users["socialworker"]), how)(reverse(where), **dict.fromkeys(names, value))
    assert answer.status == 200
    assert str(world.people.bob.uuid) not in answer.text
