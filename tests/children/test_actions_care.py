"""Coming into care, what changes in it, leaving it, and undoing a leaver: what is written and what is refused."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from children.actions import care, people
from children.actions.care import ChildFacts, PlacementFacts
from children.models import CareEpisode, Child, PeriodOfCare
from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, RelationshipFactory
from virtualschool.accounts.roles import ROLES
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.models import Event
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
KEEPERS = {"vsh", "coordinator", "data"}
FOSTER = PlacementFacts(placement_type="U6", provider="PR4", postcode="ZZ1 1ZZ", ofsted_urn="SC123456")


@pytest.fixture
def keeper():
    return personas.person("data")


def facts(**changed) -> ChildFacts:
    given = {"child_id": "N1", "first_names": "New", "last_name": "Child", "date_of_birth": date(2016, 3, 1)}
    return ChildFacts(**given | changed)


def enter(by, **changed) -> PeriodOfCare:
    given = {"start": today() - 40 * DAY, "legal_status": "C2", "placement": FOSTER, "need": "N1", "by": by}
    given["education"] = "stays"
    if "child" not in changed:
        given["facts"] = facts()
    return care.enter_care(**given | changed)


def episodes(child) -> list[tuple]:
    rows = CareEpisode.objects.filter(child=child).values_list(
        "start", "reason_new", "legal_status", "end", "reason_ceased"
    )
    return [((row[0] - today()).days, *row[1:3], row[3] and (row[3] - today()).days, row[4]) for row in rows]


def events(kind) -> list[dict]:
    return [event.data for event in Event.objects.filter(kind=kind).order_by("pk")]


def ends(*ties) -> list[date | None]:
    for tie in ties:
        tie.refresh_from_db()
    return [tie.end for tie in ties]


def message(refused) -> str:
    return " ".join(refused.value.messages)


# ---------------------------------------------------------------- into care


def test_a_new_child_comes_into_care(keeper):
    period = enter(keeper)
    child = period.child
    assert (child.child_id, child.name, child.known_from) == ("N1", "New Child", period.start)
    assert (period.end, period.short_breaks) == (None, False)
    episode = child.care_episodes.get()
    assert (episode.reason_new, episode.legal_status, episode.need) == ("S", "C2", "N1")
    assert (episode.placement_type, episode.provider, episode.ofsted_urn) == ("U6", "PR4", "SC123456")
    assert episode.placement.postcode == episode.placement_postcode == "ZZ1 1ZZ"
    told = {"child": child.pk, "period": period.pk, "start": period.start.isoformat(), "education": "stays"}
    assert events("care.started") == [told]
    deed = AuditEvent.objects.get(verb="care.started")
    assert (deed.by, deed.child_id) == (str(keeper.pk), str(child.pk))


def test_a_doubtful_upn_is_kept_and_flagged(keeper):
    child = enter(keeper, facts=facts(upn="z801200001001")).child
    assert (child.upn, child.upn_problem) == ("Z801200001001", "The check letter should be H.")


def test_short_breaks_make_a_period_that_stands_in_no_figure(keeper):
    period = enter(keeper, legal_status="V4")
    assert period.short_breaks is True
    assert list(Child.objects.counted()) == []


def test_a_child_who_was_in_care_before_comes_back(keeper):
    child = ChildFactory(left_care=True)
    period = enter(keeper, child=child, start=today() - 10 * DAY)
    assert (period.child, child.periods_of_care.count()) == (child, 2)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_those_who_keep_the_roll_take_a_child_in(role):
    by = UserFactory(role=role)
    if role in KEEPERS:
        assert enter(by).pk
        return
    with pytest.raises(Refused):
        enter(by)
    assert not Child.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"start": date(2026, 11, 11)}, "Care must have started today or before."),
        ({"start": date(2016, 2, 29)}, "Care cannot start before the child was born."),
        (
            {"facts": facts(date_of_birth=date(2008, 10, 1))},
            "The child was 18 on 1 October 2026. Care starts before that.",
        ),
        ({"placement": PlacementFacts(placement_type="T1")}, "Care cannot start with a temporary care placement."),
    ],
)
def test_care_that_cannot_have_started_so_is_refused(keeper, changed, words):
    with pytest.raises(ValidationError) as refused:
        enter(keeper, **changed)
    assert message(refused) == words
    assert not Child.objects.exists()


def test_a_council_id_is_one_childs(keeper):
    ChildFactory(child_id="n1")
    with pytest.raises(ValidationError) as refused:
        enter(keeper)
    assert message(refused) == "This council id belongs to another child."


def test_a_child_in_care_does_not_enter_again(keeper):
    with pytest.raises(Conflict):
        enter(keeper, child=ChildFactory(in_care=True))


def test_a_sealed_record_is_not_entered_again(keeper):
    with pytest.raises(Conflict):
        enter(keeper, child=ChildFactory(left_care=True, sealed=True))


def test_care_does_not_start_on_the_day_it_ended(keeper):
    child = ChildFactory(left_care=True)
    with pytest.raises(ValidationError) as refused:
        enter(keeper, child=child, start=child.periods_of_care.get().end)
    assert message(refused).startswith("Care ended on this very day.")


def test_care_does_not_start_inside_an_earlier_period(keeper):
    child = ChildFactory(left_care=True)
    with pytest.raises(ValidationError) as refused:
        enter(keeper, child=child, start=today() - 100 * DAY)
    assert message(refused) == "The child is already in care in that time."


# ---------------------------------------------------------------- changes


def test_a_change_of_legal_status_begins_an_episode(keeper):
    child = enter(keeper, legal_status="C1").child
    care.change_legal_status(child=child, on=today() - 10 * DAY, legal_status="C2", by=keeper)
    assert episodes(child) == [(-40, "S", "C1", -10, "X1"), (-10, "L", "C2", None, "")]
    assert child.care_episodes.latest("start").placement == child.care_placements.get()
    assert len(events("legal_status.changed")) == 1
    assert len(events("care.started")) == 1


def test_a_change_of_care_placement_begins_an_episode(keeper):
    child = enter(keeper).child
    place = care.record_placement(
        child=child,
        on=today(),
        placement=PlacementFacts(placement_type="K2", provider="PR1"),
        same_carer=False,
        reason="CARPL",
        education="stays",
        by=keeper,
    )
    assert episodes(child) == [(-40, "S", "C2", 0, "X1"), (0, "P", "C2", None, "")]
    before = child.care_placements.exclude(pk=place.pk).get()
    assert (before.end, before.end_reason) == (today(), "CARPL")
    assert child.care_episodes.earliest("start").reason_place_change == "CARPL"
    latest = child.care_episodes.latest("start")
    assert (latest.placement, latest.placement_type, latest.provider, latest.ofsted_urn) == (place, "K2", "PR1", "")
    assert [told["placement"] for told in events("placement.changed")] == [place.pk]


@pytest.mark.parametrize(
    ("same_carer", "status", "code"), [(True, "", "T"), (True, "C1", "U"), (False, "C1", "B"), (False, "C2", "P")]
)
def test_an_episode_says_what_changed_with_the_care_placement(keeper, same_carer, status, code):
    child = enter(keeper).child
    care.record_placement(
        child=child,
        on=today(),
        placement=FOSTER,
        same_carer=same_carer,
        reason="PLACE",
        legal_status=status,
        education="stays",
        by=keeper,
    )
    assert child.care_episodes.latest("start").reason_new == code


def test_two_changes_on_one_day_are_one_episode(keeper):
    child = enter(keeper, legal_status="C1").child
    care.change_legal_status(child=child, on=today(), legal_status="C2", by=keeper)
    care.record_placement(
        child=child, on=today(), placement=FOSTER, same_carer=False, reason="CARPL", education="stays", by=keeper
    )
    assert episodes(child) == [(-40, "S", "C1", 0, "X1"), (0, "B", "C2", None, "")]


def test_leaving_short_breaks_starts_care(keeper):
    period = enter(keeper, legal_status="V3")
    care.change_legal_status(child=period.child, on=today(), legal_status="C2", by=keeper)
    period.refresh_from_db()
    assert period.short_breaks is False
    assert [told["start"] for told in events("care.started")] == [(today() - 40 * DAY).isoformat(), today().isoformat()]


def test_going_over_to_short_breaks_ends_what_care_starts(keeper):
    period = enter(keeper)
    care.change_legal_status(child=period.child, on=today(), legal_status="V4", by=keeper)
    period.refresh_from_db()
    assert (period.short_breaks, period.end) == (True, None)
    assert [told["end"] for told in events("care.ended")] == [today().isoformat()]


@pytest.mark.parametrize(
    ("on", "status", "words"),
    [
        (-41, "C1", "The present episode began on 1 October 2026. Give a day after it."),
        (1, "C1", "The legal status must have changed today or before."),
        (-1, "C2", "This is the child's legal status already."),
    ],
)
def test_a_legal_status_that_does_not_fit_is_refused(keeper, on, status, words):
    child = enter(keeper).child
    with pytest.raises(ValidationError) as refused:
        care.change_legal_status(child=child, on=today() + on * DAY, legal_status=status, by=keeper)
    assert message(refused) == words


def test_one_care_placement_a_day(keeper):
    child = enter(keeper).child
    with pytest.raises(ValidationError) as refused:
        care.record_placement(
            child=child,
            on=today() - 40 * DAY,
            placement=FOSTER,
            same_carer=False,
            reason="CARPL",
            education="stays",
            by=keeper,
        )
    assert message(refused) == "The present care placement began on 1 October 2026. Give a day after it."


@pytest.mark.parametrize("role", sorted(set(ROLES) - KEEPERS))
def test_nobody_else_changes_care(role):
    people = personas.cast()
    by = people[role]
    for act in (
        lambda: care.change_legal_status(child=people.amy, on=today(), legal_status="C1", by=by),
        lambda: care.record_placement(
            child=people.amy, on=today(), placement=FOSTER, same_carer=False, reason="CARPL", education="stays", by=by
        ),
        lambda: care.leave_care(child=people.amy, on=today(), reason="E4A", by=by),
    ):
        with pytest.raises(Refused):
            act()
    assert people.amy.care_episodes.get().end is None


# ---------------------------------------------------------------- out of care


@pytest.fixture
def amy():
    return personas.cast().amy


def test_leaving_ends_period_episode_placement_and_who_works_with_the_child(keeper, amy):
    period = care.leave_care(child=amy, on=today(), reason="E4A", by=keeper)
    assert (period.end, period.end_reason) == (today(), "E4A")
    assert amy.care_episodes.get().reason_ceased == "E4A"
    assert set(amy.care_placements.values_list("end", flat=True)) == {today()}
    assert set(amy.relationships.values_list("end", flat=True)) == {today()}
    assert amy.enrolments.get().end is None
    assert events("care.ended") == [{"child": amy.pk, "period": period.pk, "end": today().isoformat()}]
    amy.refresh_from_db()
    assert amy.sealed is False


def test_an_allocation_planned_for_later_never_begins(keeper):
    child = ChildFactory(in_care=True)
    planned = RelationshipFactory(child=child, start=today() + 5 * DAY)
    care.leave_care(child=child, on=today(), reason="E4A", by=keeper)
    planned.refresh_from_db()
    assert planned.end == planned.start


@pytest.mark.parametrize("reason", ["E11", "E12"])
def test_an_adoption_seals_the_record_and_breaks_the_link_by_upn(keeper, reason):
    child = ChildFactory(in_care=True, upn="H801200001001")
    care.leave_care(child=child, on=today(), reason=reason, by=keeper)
    child.refresh_from_db()
    assert (child.sealed, child.upn, child.former_upn) == (True, "", "H801200001001")
    assert [Child.objects.visible_to(UserFactory(role=role)).count() for role in sorted(ROLES)] == [0] * 12
    assert list(Child.objects.off_roll_for(keeper)) == []


def test_a_death_is_dated(keeper):
    child = ChildFactory(in_care=True)
    care.leave_care(child=child, on=today() - DAY, reason="E2", by=keeper)
    child.refresh_from_db()
    assert child.died_on == today() - DAY


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (1, "Care must have ended today or before."),
        (-400, "Care ends after the day on which the present episode began."),
    ],
)
def test_care_that_cannot_have_ended_so_is_refused(keeper, amy, on, words):
    with pytest.raises(ValidationError) as refused:
        care.leave_care(child=amy, on=today() + on * DAY, reason="E4A", by=keeper)
    assert message(refused) == words


def test_a_leaver_does_not_leave_twice(keeper, amy):
    care.leave_care(child=amy, on=today() - DAY, reason="E4A", by=None)
    with pytest.raises(Conflict):
        care.leave_care(child=amy, on=today(), reason="E4A", by=None)
    assert amy.periods_of_care.get().end == today() - DAY


# ---------------------------------------------------------------- undone


def test_a_leaver_entered_by_mistake_is_put_back(keeper, amy):
    before = list(amy.relationships.order_by("pk").values_list("kind", "user", "team", "end"))
    care.leave_care(child=amy, on=today() - 3 * DAY, reason="E2", by=keeper)
    period = care.reopen_care(child=amy, why="Another child was meant", by=keeper)
    amy.refresh_from_db()
    assert (period.end, period.end_reason, amy.died_on) == (None, "", None)
    assert episodes(amy) == [(-400, "S", "C2", None, "")]
    assert amy.care_placements.get().end is None
    assert list(amy.relationships.order_by("pk").values_list("kind", "user", "team", "end")) == before
    assert [event.why for event in AuditEvent.objects.filter(verb="care.reopened")] == ["Another child was meant"]
    assert len(events("care.reopened")) == 1


def test_leaving_again_after_an_undone_leaver_is_told_again(keeper, amy):
    for _ in range(2):
        care.leave_care(child=amy, on=today(), reason="E4A", by=keeper)
        care.reopen_care(child=amy, why="By mistake", by=keeper)
    assert (len(events("care.ended")), len(events("care.reopened"))) == (2, 2)


def test_what_had_ended_before_stays_ended(keeper, amy):
    iro = amy.relationships.get(kind="iro")
    iro.end = today() - 20 * DAY
    iro.save()
    care.leave_care(child=amy, on=today(), reason="E4A", by=keeper)
    care.reopen_care(child=amy, why="By mistake", by=keeper)
    iro.refresh_from_db()
    assert iro.end == today() - 20 * DAY


def test_a_tie_that_somebody_ended_on_the_very_day_stays_ended(keeper, amy):
    """Only what leaving itself ended comes back."""
    iro, advocate = amy.relationships.get(kind="iro"), amy.relationships.get(kind="advocate")
    people.end_relationship(relationship=iro, end=today(), by=None)
    care.leave_care(child=amy, on=today(), reason="E4A", by=keeper)
    care.reopen_care(child=amy, why="By mistake", by=keeper)
    assert ends(iro, advocate) == [today(), None]


def test_planned_ties_and_planned_ends_are_as_they_were(keeper, amy):
    iro = amy.relationships.get(kind="iro")
    people.end_relationship(relationship=iro, end=today() + 9 * DAY, by=None)
    planned = RelationshipFactory(child=amy, kind="iro", user=UserFactory(role="iro"), start=today() + 9 * DAY)
    people.end_relationship(relationship=amy.relationships.get(kind="support"), end=today(), by=None)
    of_the_day = RelationshipFactory(child=amy, kind="support", user=UserFactory(role="support"), start=today())
    care.leave_care(child=amy, on=today(), reason="E4A", by=keeper)
    assert ends(iro, planned, of_the_day) == [today(), planned.start, today()]
    care.reopen_care(child=amy, why="By mistake", by=keeper)
    assert ends(iro, planned, of_the_day) == [today() + 9 * DAY, None, None]


def test_each_undoing_looks_at_the_last_leaving(keeper, amy):
    advocate, iro = amy.relationships.get(kind="advocate"), amy.relationships.get(kind="iro")
    care.leave_care(child=amy, on=today(), reason="E4A", by=keeper)
    care.reopen_care(child=amy, why="By mistake", by=keeper)
    people.end_relationship(relationship=advocate, end=today(), by=None)
    care.leave_care(child=amy, on=today(), reason="E4A", by=keeper)
    care.reopen_care(child=amy, why="By mistake", by=keeper)
    assert ends(advocate, iro) == [today(), None]


def test_a_child_in_care_has_nothing_to_undo(keeper, amy):
    with pytest.raises(Conflict):
        care.reopen_care(child=amy, why="By mistake", by=keeper)


def test_an_adoption_is_not_undone_here(keeper, amy):
    care.leave_care(child=amy, on=today(), reason="E11", by=keeper)
    with pytest.raises(Refused):
        care.reopen_care(child=amy, why="By mistake", by=keeper)


def test_a_leaver_of_long_ago_is_not_undone(keeper, amy, clock):
    care.leave_care(child=amy, on=today(), reason="E4A", by=keeper)
    clock.shift(timedelta(days=care.RECENT_DAYS))
    assert care.reopen_care(child=amy, why="By mistake", by=keeper).end is None
    care.leave_care(child=amy, on=today(), reason="E4A", by=keeper)
    clock.shift(timedelta(days=care.RECENT_DAYS + 1))
    with pytest.raises(ValidationError):
        care.reopen_care(child=amy, why="By mistake", by=keeper)


@pytest.mark.parametrize("role", sorted(set(ROLES) - KEEPERS))
def test_nobody_else_undoes_a_leaver(role):
    child = ChildFactory(left_care=True)
    with pytest.raises(Refused):
        care.reopen_care(child=child, why="By mistake", by=UserFactory(role=role))
