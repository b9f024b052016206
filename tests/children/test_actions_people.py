"""Enrolment, allocation, notes."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from children.actions import notes, people, schools
from children.constraints import told
from children.models import Enrolment, Note, Relationship
from tests import personas
from tests.factories.accounts import CoverFactory, MembershipFactory, UserFactory
from tests.factories.children import (
    ChildFactory,
    EnrolmentFactory,
    NoteFactory,
    RelationshipFactory,
    SchoolFactory,
    SchoolLinkFactory,
)
from tests.factories.moves import let_move
from virtualschool.accounts.roles import ROLES
from virtualschool.audit.models import AuditEvent, Change
from virtualschool.jobs.models import Event
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def cast():
    return personas.cast()


def events(kind) -> list[dict]:
    return [event.data for event in Event.objects.filter(kind=kind).order_by("pk")]


def message(refused) -> str:
    return " ".join(refused.value.messages)


# ---------------------------------------------------------------- enrolment


def test_a_new_school_ends_the_one_before_on_the_same_day(cast):
    let_move(cast.amy, cast.other_school)
    before = cast.amy.enrolments.get()
    there = schools.enrol(child=cast.amy, school=cast.other_school, start=today(), by=cast.data)
    before.refresh_from_db()
    assert (before.end, there.start, there.end, there.kind) == (today(), today(), None, "single")
    assert [told["enrolment"] for told in events("enrolment.started")] == [there.pk]
    assert [(told["enrolment"], told["end"]) for told in events("enrolment.ended")] == [
        (before.pk, today().isoformat())
    ]


def test_a_planned_start_ends_the_present_school_on_that_day(cast):
    let_move(cast.amy, cast.other_school)
    start = today() + 20 * DAY
    schools.enrol(child=cast.amy, school=cast.other_school, start=start, by=cast.data)
    assert list(cast.amy.enrolments.order_by("start").values_list("end", flat=True)) == [start, None]


@pytest.mark.parametrize("kind", ["subsidiary", "guest"])
def test_a_second_school_stands_beside_the_first(cast, kind):
    schools.enrol(child=cast.amy, school=cast.other_school, start=today(), kind=kind, by=cast.data)
    assert list(cast.amy.enrolments.values_list("end", flat=True)) == [None, None]
    assert events("enrolment.ended") == []


def test_a_school_that_closed_takes_nobody_and_names_who_came_after(cast):
    closed = SchoolFactory(name="Old School", closed=True, closed_on=date(2026, 8, 31))
    for name, urn in (("New Academy", "222222"), ("Other Academy", "333333")):
        SchoolLinkFactory(predecessor=closed, successor=SchoolFactory(name=name, urn=urn))
    with pytest.raises(ValidationError) as refused:
        schools.enrol(child=cast.amy, school=closed, start=date(2026, 8, 31), by=cast.data)
    words = (
        "Old School closed on 31 August 2026. New Academy (URN 222222) and Other Academy (URN 333333) took its place."
    )
    assert message(refused) == words
    assert list(refused.value.message_dict) == ["school"]


def test_a_start_before_a_school_closed_is_history(cast):
    closed = SchoolFactory(closed=True, closed_on=date(2026, 8, 31))
    child = ChildFactory(in_care=True)
    assert schools.enrol(child=child, school=closed, start=date(2026, 8, 30), by=cast.data).pk


def test_two_main_schools_at_a_time_are_refused_in_words(cast):
    EnrolmentFactory(child=ChildFactory(in_care=True), school=cast.school)
    child = ChildFactory(in_care=True)
    EnrolmentFactory(child=child, school=cast.school, start=today() + 10 * DAY)
    with pytest.raises(ValidationError) as refused:
        schools.enrol(child=child, school=cast.other_school, start=today(), by=cast.data)
    assert message(refused) == "The child is already on the roll of a school in that time."


def test_the_same_school_twice_is_refused_in_words(cast):
    with pytest.raises(ValidationError) as refused:
        schools.enrol(child=cast.amy, school=cast.school, start=today(), kind="guest", by=cast.data)
    assert message(refused) == "The child is already on this school's roll in that time."
    assert cast.amy.enrolments.count() == 1


def test_a_double_click_enrols_once(cast):
    let_move(cast.amy, cast.other_school)
    schools.enrol(child=cast.amy, school=cast.other_school, start=today(), by=cast.data)
    with pytest.raises(Conflict):
        schools.enrol(child=cast.amy, school=cast.other_school, start=today(), by=cast.data)
    assert cast.amy.enrolments.count() == 2


def test_an_enrolment_ends_once(cast):
    place = cast.amy.enrolments.get()
    schools.end_enrolment(enrolment=place, end=today(), reason="Moved away", by=cast.data)
    place.refresh_from_db()
    assert (place.end, place.end_reason) == (today(), "Moved away")
    with pytest.raises(Conflict):
        schools.end_enrolment(enrolment=place, end=today(), reason="Moved away", by=cast.data)
    assert len(events("enrolment.ended")) == 1


def test_an_enrolment_does_not_end_before_it_began(cast):
    place = cast.amy.enrolments.get()
    with pytest.raises(ValidationError) as refused:
        schools.end_enrolment(enrolment=place, end=place.start - DAY, reason="Moved away", by=cast.data)
    assert message(refused) == "The enrolment began on 14 January 2026. Give that day or a later one."


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"vsh", "coordinator", "data"}))
def test_nobody_else_keeps_enrolment(cast, role):
    with pytest.raises(Refused):
        schools.enrol(child=cast.amy, school=cast.other_school, start=today(), by=cast[role])
    with pytest.raises(Refused):
        schools.end_enrolment(enrolment=cast.amy.enrolments.get(), end=today(), reason="x", by=cast[role])
    assert Enrolment.objects.filter(child=cast.amy, end__isnull=True).count() == 1


def test_what_no_constraint_of_ours_says_goes_on_as_it_is():
    with pytest.raises(IntegrityError), told():
        Note.objects.create(child_id=1, author_id=None, subject="x", body="x", happened_on=today())


# ---------------------------------------------------------------- allocation


def test_the_next_worker_begins_on_the_day_that_the_one_before_ends(cast):
    before = cast.amy.relationships.get(kind="social_worker")
    worker = UserFactory(role="socialworker")
    tie = people.allocate(child=cast.amy, kind="social_worker", user=worker, start=today(), by=cast.data)
    before.refresh_from_db()
    assert (before.end, tie.user, tie.start, tie.end) == (today(), worker, today(), None)
    assert [told["relationship"] for told in events("relationship.changed")] == [before.pk, tie.pk]
    assert cast.amy.relationships.get(kind="team").end is None


def test_the_same_worker_again_changes_nothing(cast):
    for kind, who in (("social_worker", {"user": cast.socialworker}), ("team", {"team": cast.team})):
        there = cast.amy.relationships.get(kind=kind)
        assert people.allocate(child=cast.amy, kind=kind, start=today(), by=cast.data, **who) == there
    assert events("relationship.changed") == []


def test_a_team_is_allocated_beside_the_worker(cast):
    tie = people.allocate(child=cast.amy, kind="team", team=cast.other_team, start=today(), by=cast.coordinator)
    assert (tie.team, tie.user) == (cast.other_team, None)
    assert cast.amy.relationships.get(kind="social_worker").end is None


@pytest.mark.parametrize(
    ("kind", "who", "words"),
    [
        ("social_worker", {"role": "teacher"}, "Pat does not work as social worker."),
        ("iro", {"role": "socialworker"}, "Pat does not work as Independent Reviewing Officer."),
        ("advocate", {"role": "ala", "is_active": False}, "The account of Pat is closed."),
    ],
)
def test_a_person_who_does_not_do_this_work_is_refused(cast, kind, who, words):
    with pytest.raises(ValidationError) as refused:
        people.allocate(child=cast.amy, kind=kind, user=UserFactory(name="Pat", **who), start=today(), by=cast.data)
    assert message(refused) == words


def test_a_school_is_no_social_work_team(cast):
    with pytest.raises(ValidationError) as refused:
        people.allocate(child=cast.amy, kind="team", team=cast.school.organisation, start=today(), by=cast.data)
    assert message(refused) == "Amy's School is not a social work team."


def test_an_allocation_before_the_present_one_is_refused_in_words(cast):
    with pytest.raises(ValidationError) as refused:
        people.allocate(
            child=cast.amy, kind="iro", user=UserFactory(role="iro"), start=today() - 350 * DAY, by=cast.data
        )
    assert message(refused) == "The child already has one in that time; end it first."
    assert cast.amy.relationships.filter(kind="iro").count() == 1


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"vsh", "coordinator", "data", "manager"}))
def test_nobody_else_allocates(cast, role):
    with pytest.raises(Refused):
        people.allocate(child=cast.amy, kind="iro", user=UserFactory(role="iro"), start=today(), by=cast[role])


def test_a_manager_reassigns_within_the_team_and_no_further(cast):
    colleague, stranger = UserFactory(role="socialworker"), UserFactory(role="socialworker")
    MembershipFactory(user=colleague, organisation=cast.team)
    allocate = {"child": cast.amy, "kind": "social_worker", "start": today(), "by": cast.manager}
    with pytest.raises(Refused):
        people.allocate(user=stranger, **allocate)
    with pytest.raises(Refused):
        people.allocate(user=cast.outsiders["socialworker"], **allocate)
    with pytest.raises(Refused):
        people.allocate(user=UserFactory(role="iro"), **allocate | {"kind": "iro"})
    with pytest.raises(Refused):
        people.allocate(user=colleague, **allocate | {"child": cast.bob})
    assert people.allocate(user=colleague, **allocate).user == colleague


def test_a_colleague_who_has_left_the_team_is_no_colleague(cast):
    gone = UserFactory(role="socialworker")
    MembershipFactory(user=gone, organisation=cast.team, end=today())
    with pytest.raises(Refused):
        people.allocate(child=cast.amy, kind="social_worker", user=gone, start=today(), by=cast.manager)


def test_whoever_covers_for_a_manager_reassigns_within_that_team(cast):
    cover, colleague = UserFactory(role="manager"), UserFactory(role="socialworker")
    CoverFactory(user=cast.manager, covered_by=cover)
    MembershipFactory(user=colleague, organisation=cast.team)
    tie = people.allocate(child=cast.amy, kind="social_worker", user=colleague, start=today(), by=cover)
    assert tie.user == colleague


def test_many_at_once_leaves_those_alone_that_may_not_be_allocated(cast):
    colleague = UserFactory(role="socialworker")
    MembershipFactory(user=colleague, organisation=cast.team)
    carl = ChildFactory(in_care=True, first_names="Carl", team=cast.team)
    RelationshipFactory(child=carl, user=cast.socialworker, start=today() + 3 * DAY)
    dora = ChildFactory(in_care=True, first_names="Dora", team=cast.team)
    outcome = people.allocate_many(
        children=[cast.amy, cast.bob, carl, dora], kind="social_worker", user=colleague, start=today(), by=cast.manager
    )
    assert [tie.child for tie in outcome.done] == [cast.amy, dora]
    assert outcome.refused == [
        (cast.bob, "You do not work with this child now."),
        (carl, "The child already has one in that time; end it first."),
    ]
    current = Relationship.objects.current().filter(kind="social_worker", user=colleague)
    assert set(current.values_list("child", flat=True)) == {cast.amy.pk, dora.pk}
    assert cast.bob.relationships.get(kind="social_worker").end is None


def test_a_tie_ends_once_and_a_manager_does_not_end_it(cast):
    tie = cast.amy.relationships.get(kind="social_worker")
    with pytest.raises(Refused):
        people.end_relationship(relationship=tie, end=today(), by=cast.manager)
    with pytest.raises(ValidationError):
        people.end_relationship(relationship=tie, end=tie.start - DAY, by=cast.data)
    people.end_relationship(relationship=tie, end=today(), by=cast.data)
    with pytest.raises(Conflict):
        people.end_relationship(relationship=tie, end=today(), by=cast.data)
    tie.refresh_from_db()
    assert tie.end == today()


def test_an_allocation_is_to_somebody(cast):
    with pytest.raises(ValueError, match="to a person"):
        people.allocate(child=cast.amy, kind="team", user=cast.iro, start=today(), by=cast.data)


# ---------------------------------------------------------------- notes


def write(child, by, **changed) -> Note:
    given = {"subject": "Call", "body": "Spoke about maths.", "happened_on": today()}
    return notes.add_note(child=child, by=by, **given | changed)


def test_a_note_is_its_authors(cast):
    note = write(cast.amy, cast.socialworker)
    assert (note.author, note.version, note.edited_at) == (cast.socialworker, 1, None)
    assert AuditEvent.objects.get(verb="note.added").subject_id == str(note.pk)


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"vsh", "ala", "socialworker", "manager"}))
def test_nobody_else_writes_notes(cast, role):
    with pytest.raises(Refused):
        write(cast.amy, cast[role])


def test_nobody_writes_on_a_child_out_of_reach(cast):
    with pytest.raises(Refused):
        write(cast.bob, cast.socialworker)


def test_a_note_sent_twice_is_one_note(cast):
    key = uuid4()
    assert write(cast.amy, cast.ala, key=key) == write(cast.amy, cast.ala, key=key, body="Sent again")
    assert [note.body for note in Note.objects.all()] == ["Spoke about maths."]


def test_the_key_of_anothers_note_is_of_no_use(cast):
    note = NoteFactory(child=cast.amy, author=cast.vsh)
    with pytest.raises(Conflict):
        write(cast.amy, cast.ala, key=note.uuid)


def test_a_note_is_not_of_tomorrow(cast):
    with pytest.raises(ValidationError):
        write(cast.amy, cast.ala, happened_on=today() + DAY)


def edit(note, by, version=1, body="Changed") -> Note:
    return notes.edit_note(note=note, version=version, subject="Call", body=body, happened_on=today(), by=by)


def test_its_author_changes_a_note_and_what_it_said_is_kept(cast):
    note = write(cast.amy, cast.socialworker)
    edit(note, cast.socialworker)
    note.refresh_from_db()
    assert (note.body, note.version) == ("Changed", 2)
    old = Change.objects.filter(table_name="children_note", row_id=str(note.pk), verb="U").latest("pk").old
    assert old["body"] == "Spoke about maths."


@pytest.mark.parametrize("role", sorted(ROLES))
def test_nobody_else_changes_a_note(cast, role):
    note = NoteFactory(child=cast.amy, author=UserFactory(role="ala"))
    with pytest.raises(Refused):
        edit(note, cast[role])
    note.refresh_from_db()
    assert note.body == "Spoke about the maths tutor."


def test_an_author_who_does_not_reach_the_child_any_more_changes_nothing(cast):
    note = write(cast.amy, cast.socialworker)
    cast.amy.relationships.filter(kind="social_worker").update(end=today())
    with pytest.raises(Refused):
        edit(note, cast.socialworker)


def test_a_note_changed_meanwhile_is_not_overwritten(cast):
    note = write(cast.amy, cast.ala)
    edit(note, cast.ala, body="First window")
    with pytest.raises(Conflict):
        edit(note, cast.ala, body="Second window")
    note.refresh_from_db()
    assert note.body == "First window"
