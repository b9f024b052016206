"""Periods of care and care placements made of episodes, and what the rest of the service is told."""

from datetime import date, timedelta

import pytest

from children.actions import care
from children.enums import RelationKind
from children.models import CareEpisode, CarePlacement, Child, PeriodOfCare
from tests.factories.accounts import UserFactory
from tests.factories.children import RelationshipFactory
from tests.imports.samples import AMY, EPISODE, load, load_tables, tables
from virtualschool.jobs.models import Event
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db


def episode(start: str, end: str = "", ceased: str = "", new: str = "S", **changed: str) -> dict[str, str]:
    return EPISODE | {"DECOM": start, "DEC": end, "REC": ceased, "RNE": new} | changed


def periods() -> list[tuple[date, date | None, str, bool]]:
    return list(PeriodOfCare.objects.order_by("start").values_list("start", "end", "end_reason", "short_breaks"))


def placements() -> list[tuple[date, date | None, str, str]]:
    return list(CarePlacement.objects.order_by("start").values_list("start", "end", "placement_type", "end_reason"))


MOVES = [
    episode("03/02/2022", "01/06/2022", "X1", PLACE="U1"),
    episode("01/06/2022", "01/09/2022", "X1", "L", PLACE="U1", LS="E1"),
    episode("01/09/2022", "01/03/2023", "X1", "P", PLACE="K2", LS="E1", REASON_PLACE_CHANGE="CARPL"),
    episode("01/03/2023", "01/09/2023", "E4A", "B", PLACE="R1"),
    episode("01/05/2024", "", "", "S", PLACE="U4"),
]
CARE = [(date(2022, 2, 3), date(2023, 9, 1), "E4A", False), (date(2024, 5, 1), None, "", False)]
HOMES = [
    (date(2022, 2, 3), date(2022, 9, 1), "U1", ""),
    (date(2022, 9, 1), date(2023, 3, 1), "K2", "CARPL"),
    (date(2023, 3, 1), date(2023, 9, 1), "R1", ""),
    (date(2024, 5, 1), None, "U4", ""),
]


def test_a_period_runs_from_a_start_to_an_end_that_is_not_x1_and_l_stays_in_the_placement():
    report = load_tables(episodes=MOVES)

    assert (periods(), placements()) == (CARE, HOMES)
    assert (report.flagged, report.refused) == ([], [])
    first, second = CareEpisode.objects.order_by("start")[:2]
    assert (first.placement, first.period) == (second.placement, second.period)


def test_the_order_of_the_rows_does_not_matter():
    load_tables(episodes=MOVES[::-1])

    assert (periods(), placements()) == (CARE, HOMES)


def test_episodes_in_two_returns_make_what_they_make_in_one():
    load_tables("2023", episodes=[MOVES[0], MOVES[1], episode("01/09/2022", new="P", PLACE="K2", LS="E1")])
    report = load_tables("2025", episodes=MOVES[2:])

    assert (periods(), placements()) == (CARE, HOMES)
    assert (report.created["episodes"], report.updated["episodes"]) == (2, 1)
    assert load_tables("2025", episodes=MOVES[2:]).changed() == 0


@pytest.mark.parametrize("status", ["V3", "V4"])
def test_short_breaks(status):
    load_tables(episodes=[episode("03/02/2022", LS=status)])

    assert periods() == [(date(2022, 2, 3), None, "", True)]


def test_x1_that_nothing_follows_leaves_the_child_in_care():
    load_tables(episodes=[episode("03/02/2022", "01/06/2022", "X1")])

    assert periods() == [(date(2022, 2, 3), None, "", False)]


def test_the_end_comes_with_a_later_return():
    load_tables()
    report = load_tables("2026", episodes=[episode("03/02/2022", "01/05/2025", "E5")])

    assert periods() == [(date(2022, 2, 3), date(2025, 5, 1), "E5", False)]
    assert report.updated["episodes"] == 1


def test_what_is_held_as_ended_is_not_opened_again_and_told():
    load_tables(episodes=[episode("03/02/2022", "01/05/2024", "E4A")])
    report = load_tables()

    assert [(remark.column, remark.reason) for remark in report.flagged] == [
        ("DEC", "Held as ended on 01/05/2024; it is not opened again.")
    ]
    assert (periods(), report.changed()) == ([(date(2022, 2, 3), date(2024, 5, 1), "E4A", False)], 0)


def test_a_child_who_comes_back_into_care_is_told():
    load_tables(episodes=[episode("03/02/2022", "01/05/2023", "E4A")])
    report = load_tables(episodes=[episode("01/05/2024")])

    assert [remark.reason for remark in report.flagged] == [
        "The child left care on 01/05/2023 and comes back into care with this row."
    ]
    assert [period[:2] for period in periods()] == [
        (date(2022, 2, 3), date(2023, 5, 1)),
        (date(2024, 5, 1), None),
    ]


def test_an_episode_that_overlaps_one_held_is_refused():
    load_tables()
    report = load_tables(episodes=[episode("01/05/2024")])

    assert [(remark.line, remark.reason) for remark in report.refused] == [
        (2, "It overlaps the episode from 03/02/2022, which has no end (held already).")
    ]
    assert periods() == [(date(2022, 2, 3), None, "", False)]


def test_a_placement_kept_by_hand_keeps_what_the_return_does_not_say():
    load_tables()
    CarePlacement.objects.update(carer_name="A Carer", address="1 Road")
    load_tables(episodes=[episode("03/02/2022", PL_POST="ZZ2 2ZZ")])
    home = CarePlacement.objects.get()

    assert (home.carer_name, home.address, home.postcode) == ("A Carer", "1 Road", "ZZ2 2ZZ")


def test_an_adoption_closes_the_record_and_breaks_the_upn():
    adopted = [episode("03/02/2022", "01/05/2024", "E11", LS="E1")]
    load_tables(episodes=adopted)
    child = Child.objects.get()

    assert (child.sealed, child.upn, child.former_upn) == (True, "", AMY["UPN"])
    again = load_tables(episodes=adopted)
    assert again.changed() == 0
    assert [remark.column for remark in again.refused] == ["CHILD", "CHILD"]


def test_a_death_is_dated():
    load_tables(episodes=[episode("03/02/2022", "01/05/2024", "E2")])

    assert Child.objects.get().died_on == date(2024, 5, 1)


# ---------------------------------------------------------------- what is told


def test_history_before_go_live_is_told_to_nobody():
    load_tables(episodes=MOVES)

    assert Event.objects.count() == 0


def test_care_that_started_since_go_live_is_told_once():
    started = episode(f"{today() - timedelta(days=3):%d/%m/%Y}")
    go_live = (today() - timedelta(days=30)).isoformat()
    for _ in range(2):
        load(tables(children=[AMY], episodes=[started]), go_live=go_live)
    period = PeriodOfCare.objects.get()

    assert list(Event.objects.values_list("kind", "data")) == [
        ("care.started", {"child": period.child_id, "period": period.pk, "start": period.start.isoformat()})
    ]


def test_care_that_started_before_go_live_is_told_to_nobody_however_late_it_is_loaded():
    load(tables(children=[AMY], episodes=[episode(f"{today() - timedelta(days=3):%d/%m/%Y}")]))

    assert Event.objects.count() == 0


def test_the_end_of_care_is_told_and_ends_who_works_with_the_child():
    load_tables()
    child = Child.objects.get()
    tie = RelationshipFactory(
        child=child, kind=RelationKind.SOCIAL_WORKER, user=UserFactory(role="socialworker"), start=date(2024, 1, 1)
    )
    load_tables("2026", episodes=[episode("03/02/2022", "01/05/2025", "E5")])
    tie.refresh_from_db()

    assert tie.end == date(2025, 5, 1)
    assert list(Event.objects.values_list("kind", "data__end")) == [("care.ended", "2025-05-01")]


def test_a_leaver_of_an_import_is_undone_with_who_worked_with_the_child():
    load_tables()
    child = Child.objects.get()
    worker = UserFactory(role="socialworker")
    tie = RelationshipFactory(child=child, kind=RelationKind.SOCIAL_WORKER, user=worker, start=date(2024, 1, 1))
    left = today() - timedelta(days=3)
    load_tables("2027", episodes=[episode("03/02/2022", f"{left:%d/%m/%Y}", "E5")])
    tie.refresh_from_db()
    assert tie.end == left

    care.reopen_care(child=child, why="By mistake", by=UserFactory(role="data"))
    tie.refresh_from_db()
    assert (tie.end, PeriodOfCare.objects.get().end) == (None, None)


def test_a_move_since_go_live_is_told():
    load_tables()
    Child.objects.update(known_from=date(2024, 4, 1))
    load_tables(episodes=[episode("03/02/2022", "01/05/2024", "X1"), episode("01/05/2024", new="P", PLACE="K2")])
    moved = CarePlacement.objects.latest("start")

    assert list(Event.objects.values_list("kind", "data")) == [
        ("placement.changed", {"child": moved.child_id, "placement": moved.pk, "on": "2024-05-01", "education": ""})
    ]


def test_full_care_after_short_breaks_is_told_as_its_start_and_the_reverse_as_its_end():
    breaks = episode("03/02/2022", "01/05/2024", "X1", LS="V4")
    load_tables("2024", episodes=[episode("03/02/2022", LS="V4")])
    Child.objects.update(known_from=date(2024, 4, 1))
    load_tables("2025", episodes=[breaks, episode("01/05/2024", new="L", LS="C2")])
    period = PeriodOfCare.objects.get()
    assert (period.short_breaks, list(Event.objects.values_list("kind", "data__start"))) == (
        False,
        [("care.started", "2024-05-01")],
    )

    back = [episode("01/05/2024", "01/06/2024", "X1", "L", LS="C2"), episode("01/06/2024", new="L", LS="V4")]
    load_tables("2025", episodes=back)
    assert PeriodOfCare.objects.get().short_breaks
    assert list(Event.objects.order_by("-pk").values_list("kind", "data__end"))[0] == ("care.ended", "2024-06-01")
