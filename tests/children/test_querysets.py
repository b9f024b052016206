"""The one door to a child, day by day: a period holds on its first day and not on the day it ends."""

from datetime import timedelta

import pytest

from children.enums import EnrolmentKind, GrantKind
from children.models import AccessGrant, Child, ChildFile, Note, Relationship, School
from tests import personas
from tests.factories.accounts import CoverFactory, MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.children import (
    AccessGrantFactory,
    ChildFactory,
    ChildFileFactory,
    EnrolmentFactory,
    NoteFactory,
    PeriodOfCareFactory,
    PreviouslyInCareFactory,
    RelationshipFactory,
    SchoolFactory,
    born_for_year,
)
from virtualschool.accounts.roles import ROLES
from virtualschool.kernel.dates import now, today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def reaches(user, child) -> bool:
    return Child.objects.visible_to(user).filter(pk=child.pk).exists()


@pytest.fixture
def people():
    return personas.cast()


# (start, end) in days from today, and whether the period holds today
BOUNDARIES = [
    (-10, None, True),
    (-10, -1, False),
    (-10, 0, False),
    (-10, 1, True),
    (0, None, True),
    (0, 0, False),
    (0, 1, True),
    (1, None, False),
]


@pytest.mark.parametrize(("start", "end", "holds"), BOUNDARIES)
@pytest.mark.parametrize("role", ["socialworker", "iro"])
def test_a_worker_reaches_a_child_while_the_tie_holds(role, start, end, holds):
    user = UserFactory(role=role)
    child = ChildFactory(in_care=True)
    kind = {"socialworker": "social_worker", "iro": "iro"}[role]
    RelationshipFactory(child=child, kind=kind, user=user, **_dates(start, end))
    assert reaches(user, child) is holds


@pytest.mark.parametrize(("start", "end", "holds"), BOUNDARIES)
def test_a_manager_reaches_a_child_while_the_team_has_it(start, end, holds):
    manager, team = UserFactory(role="manager"), OrganisationFactory()
    MembershipFactory(user=manager, organisation=team, managing=True)
    child = ChildFactory(in_care=True)
    RelationshipFactory(child=child, kind="team", user=None, team=team, **_dates(start, end))
    assert reaches(manager, child) is holds


@pytest.mark.parametrize(("start", "end", "holds"), BOUNDARIES)
def test_a_manager_reaches_the_teams_children_while_in_the_team(start, end, holds):
    manager, team = UserFactory(role="manager"), OrganisationFactory()
    MembershipFactory(user=manager, organisation=team, managing=True, **_dates(start, end))
    child = ChildFactory(in_care=True, team=team)
    assert reaches(manager, child) is holds


@pytest.mark.parametrize("kind", [kind.value for kind in EnrolmentKind])
@pytest.mark.parametrize(("start", "end", "holds"), BOUNDARIES)
def test_a_teacher_reaches_a_child_while_on_roll(kind, start, end, holds):
    teacher, school = UserFactory(role="teacher"), SchoolFactory()
    MembershipFactory(user=teacher, organisation=school.organisation, designated=True)
    child = ChildFactory(in_care=True)
    EnrolmentFactory(child=child, school=school, kind=kind, **_dates(start, end))
    assert reaches(teacher, child) is holds


@pytest.mark.parametrize(("start", "end", "holds"), BOUNDARIES)
def test_a_teacher_reaches_the_schools_children_while_there(start, end, holds):
    teacher, school = UserFactory(role="teacher"), SchoolFactory()
    MembershipFactory(user=teacher, organisation=school.organisation, **_dates(start, end))
    assert reaches(teacher, ChildFactory(in_care=True, school=school)) is holds


@pytest.mark.parametrize(("start", "end", "holds"), BOUNDARIES)
@pytest.mark.parametrize("role", personas.WHOLE_ROLL)
def test_a_role_of_the_whole_roll_reaches_a_child_while_in_care(role, start, end, holds):
    child = ChildFactory()
    PeriodOfCareFactory(child=child, **_dates(start, end))
    assert reaches(UserFactory(role=role), child) is holds


@pytest.mark.parametrize(("start", "end", "holds"), BOUNDARIES)
def test_whoever_covers_reaches_what_the_other_reaches(start, end, holds):
    if end is None:
        end = 30
    worker, colleague = UserFactory(role="socialworker"), UserFactory(role="socialworker")
    child = ChildFactory(in_care=True, social_worker=worker)
    CoverFactory(user=worker, covered_by=colleague, **_dates(start, end))
    assert reaches(colleague, child) is holds
    assert reaches(worker, child) is True


def test_cover_reaches_only_while_the_roles_are_equal(people):
    worker, manager = people.socialworker, people.outsiders["manager"]
    CoverFactory(user=worker, covered_by=manager)
    assert not reaches(manager, people.amy)
    worker.role = "manager"
    worker.save()
    assert reaches(manager, people.amy)


def test_cover_does_not_travel_on():
    worker, colleague, third = (UserFactory(role="socialworker") for _ in range(3))
    child = ChildFactory(in_care=True, social_worker=worker)
    CoverFactory(user=worker, covered_by=colleague)
    CoverFactory(user=colleague, covered_by=third)
    assert reaches(third, child) is False


@pytest.mark.parametrize("role", ["sen", "admissions", "socialworker", "teacher", "iro", "manager"])
@pytest.mark.parametrize(
    ("opened", "closes", "holds"),
    [(-60, None, True), (-60, 1, True), (-60, 0, False), (-60, -1, False), (1, None, False), (0, None, True)],
    ids=["open", "closes in a minute", "closes now", "closed", "opens in a minute", "opens now"],
)
def test_a_grant_holds_from_minute_to_minute(role, opened, closes, holds):
    user, child = UserFactory(role=role), ChildFactory(in_care=True)
    minutes = {"opened_at": now() + timedelta(minutes=opened)}
    if closes is not None:
        minutes["closes_at"] = now() + timedelta(minutes=closes)
    AccessGrantFactory(child=child, user=user, **minutes)
    assert reaches(user, child) is holds


def test_a_grant_to_a_role_is_everybodys_of_that_role():
    child = ChildFactory(in_care=True)
    AccessGrantFactory(child=child, to_role=True)
    assert reaches(UserFactory(role="sen"), child) is True
    assert reaches(UserFactory(role="admissions"), child) is False


def test_a_grant_to_a_person_is_nobody_elses():
    child = ChildFactory(in_care=True)
    AccessGrantFactory(child=child)
    assert reaches(UserFactory(role="sen"), child) is False


@pytest.mark.parametrize("role", sorted(ROLES))
def test_nobody_reaches_a_sealed_record(people, role):
    Child.objects.filter(pk=people.amy.pk).update(sealed=True)
    AccessGrantFactory(child=people.amy, user=people[role], kind=GrantKind.BREAK_GLASS)
    assert reaches(people[role], people.amy) is False


@pytest.mark.parametrize("role", sorted(ROLES))
def test_nobody_reaches_a_child_who_has_left_care(people, role):
    people.amy.periods_of_care.update(end=today())
    assert reaches(people[role], people.amy) is False


@pytest.mark.parametrize("role", sorted(ROLES))
def test_an_account_that_is_closed_reaches_nobody(people, role):
    user = people[role]
    user.is_active = False
    assert list(Child.objects.visible_to(user)) == []


def test_the_data_protection_officer_reaches_nobody_whatever_is_granted(people):
    AccessGrantFactory(child=people.amy, user=people.dpo)
    RelationshipFactory(child=ChildFactory(in_care=True), kind="coordinator", user=people.dpo)
    assert list(Child.objects.visible_to(people.dpo)) == []


def test_short_breaks_are_on_the_roll_and_in_no_figure():
    child = ChildFactory(in_short_breaks=True)
    assert list(Child.objects.on_roll()) == [child]
    assert list(Child.objects.counted()) == []


@pytest.mark.parametrize(
    ("phases", "years", "seen"),
    [
        (["P"], (0, 1, 6), (True, True, True)),
        (["P"], (-1, 7, 12), (False, False, False)),
        (["S"], (6, 7, 11, 12), (False, True, True, False)),
        (["16"], (11, 12, 13), (False, True, True)),
        (["E"], (-3, -1, 0), (True, True, False)),
        (["P", "S"], (5, 9, 13), (True, True, False)),
        ([], (5, 9), (False, False)),
    ],
)
def test_a_support_officer_reaches_the_phases_they_work_in(phases, years, seen):
    officer = UserFactory(role="support", phases=phases)
    children = [ChildFactory(in_care=True, year=year) for year in years]
    assert tuple(reaches(officer, child) for child in children) == seen


def test_a_phase_changes_on_the_first_of_september(clock):
    clock.move_to("2027-08-31 12:00")
    officer = UserFactory(role="support", phases=["P"])
    child = ChildFactory(in_care=True, date_of_birth=born_for_year(6))
    assert reaches(officer, child) is True
    clock.move_to("2027-09-01 00:01")
    assert reaches(officer, child) is False


def test_a_day_ends_at_midnight_in_london(clock):
    clock.move_to("2026-07-01 22:30+00:00")  # half past eleven in the evening, summer time
    worker = UserFactory(role="socialworker")
    child = ChildFactory(in_care=True)
    RelationshipFactory(child=child, user=worker, start=today() - DAY, end=today() + DAY)
    assert reaches(worker, child) is True
    clock.move_to("2026-07-01 23:30+00:00")
    assert reaches(worker, child) is False


# ---------------------------------------------------------------- what hangs from a child


def test_rows_of_a_child_follow_the_child(people):
    seen = Relationship.objects.visible_to(people.socialworker)
    assert set(seen.values_list("child", flat=True)) == {people.amy.pk}
    assert AccessGrant.objects.visible_to(people.sen).count() == 2


def test_notes_are_seen_by_roles_that_read_narrative(people):
    note = NoteFactory(child=people.amy)
    readers = {role for role in ROLES if Note.objects.visible_to(people[role]).filter(pk=note.pk).exists()}
    assert readers == {"vsh", "ala", "socialworker", "manager"}


def test_files_are_cut_to_the_kinds_that_a_role_reads(people):
    for group in ("education", "health", "narrative", "adoption_link"):
        ChildFileFactory(child=people.amy, field_group=group)
    ChildFileFactory(child=people.amy, removed=True)
    seen = {
        role: set(ChildFile.objects.visible_to(people[role]).values_list("field_group", flat=True)) for role in ROLES
    }
    everything, education = {"education", "health", "narrative"}, {"education"}
    assert seen == {
        "vsh": everything,
        "ala": everything,
        "socialworker": everything,
        "manager": everything,
        "coordinator": education,
        "support": education,
        "iro": education,
        "teacher": education,
        "sen": education,
        "admissions": education,
        "data": education,
        "dpo": set(),
    }


def test_a_teacher_finds_only_their_own_schools(people):
    assert list(School.objects.visible_to(people.teacher)) == [people.school]
    assert set(School.objects.visible_to(people.iro)) == {people.school, people.other_school}
    assert list(School.objects.visible_to(people.dpo)) == []


# ---------------------------------------------------------------- searching


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("   ", []),
        ("142536", ["Saint Ångström Academy"]),
        ("ångström", ["Saint Ångström Academy"]),
        ("saint acad", ["Saint Ångström Academy"]),
        ("harbour", ["Harbour Primary", "Old Harbour School"]),
        ("100%", []),
        ("_", []),
    ],
)
def test_a_school_is_found_by_urn_or_words_open_ones_first(text, found):
    SchoolFactory(name="Old Harbour School", urn="111111", closed=True)
    SchoolFactory(name="Harbour Primary", urn="222222")
    SchoolFactory(name="Saint Ångström Academy", urn="142536", town="Newtown")
    assert [school.name for school in School.objects.found_by(text)] == found


def test_the_second_door_shows_leavers_to_those_who_keep_the_roll(people):
    gone, sealed = ChildFactory(left_care=True), ChildFactory(left_care=True, sealed=True)
    never = ChildFactory()
    behind = {role: set(Child.objects.off_roll_for(people[role])) for role in ROLES}
    keepers = {"vsh", "coordinator", "data"}
    assert behind == {role: {gone, never} if role in keepers else set() for role in ROLES}
    assert sealed not in behind["vsh"]


def test_families_who_may_ask_are_proposed_to_those_who_advise(people):
    since = today() - 365 * DAY
    child = ChildFactory()
    PeriodOfCareFactory(child=child, end=today() - 40 * DAY, end_reason="E45")
    for reason, days in (("E4A", 40), ("E45", 366), ("E11", 40)):
        other = ChildFactory(sealed=reason == "E11")
        PeriodOfCareFactory(child=other, start=today() - 500 * DAY, end=today() - days * DAY, end_reason=reason)
    known = ChildFactory()
    PeriodOfCareFactory(child=known, end=today() - 40 * DAY, end_reason="E45")
    PreviouslyInCareFactory(child=known)
    proposed = {
        role: list(Child.objects.proposed_for(people[role], reasons=["E41", "E45"], since=since)) for role in ROLES
    }
    assert proposed == {role: [child] if role in {"vsh", "ala"} else [] for role in ROLES}


def _dates(start: int, end: int | None):
    return {"start": today() + start * DAY, "end": None if end is None else today() + end * DAY}
