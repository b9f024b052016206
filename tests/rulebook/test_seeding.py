"""What ships is well formed, gets into the tables once, and never overwrites what a council has decided."""

import re
from datetime import date

import pytest
from django.apps import apps
from django.db.migrations.state import ProjectState

from tests.factories.rulebook import BankHolidayFactory, TermDateFactory, set_rule
from virtualschool.rulebook import rules, seeding, shipped
from virtualschool.rulebook.enums import Kind, Unit
from virtualschool.rulebook.models import BankHoliday, Rule, SchoolClosure, TermDate

CHECKED = [
    "pep.initial.deadline",
    "pep.initial.complete",
    "pep.none_for_legal_status",
    "pep.section_ready",
    "pep.write_up",
    "pep.approval",
    "pep.social_worker_absent",
    "attendance.fall.points",
    "attendance.persistent_absence",
    "attendance.no_marks_days",
    "placement.risk_without_plan",
    "education.no_school",
    "education.emergency",
    "move.nominated_officer_years",
    "pp.release.mode",
    "report.suppress_below",
    "night.stale_hours",
]


def seed() -> None:
    seeding.seed(sender=None, using="default")


def counts() -> list[int]:
    return [model.objects.count() for model in (Rule, BankHoliday, TermDate, SchoolClosure)]


@pytest.mark.parametrize("key", list(shipped.definitions()))
def test_every_definition_says_what_it_is_and_where_it_comes_from(key: str) -> None:
    found = shipped.definition(key)
    assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", key)
    assert found.group != "Other"
    assert len(found.words) <= 300
    assert found.versions
    for version in found.versions:
        assert 0 < len(version.source) <= 400
        assert len(version.confidence) <= 400
        assert "{" not in version.source
    ends_early = found.versions[-1].end is not None
    assert bool(found.missing) == (ends_early or found.versions[0].start != shipped.BEGINNING)


@pytest.mark.parametrize("key", CHECKED)
def test_the_rules_that_the_first_checks_ask_for_are_there(key: str) -> None:
    assert shipped.definition(key).key == key


def test_a_variant_map_stands_beside_the_rule_that_it_varies() -> None:
    maps = [found for key, found in shipped.definitions().items() if ".by_" in key and found.shape.name == "map"]
    for found in maps:
        base = shipped.definitions().get(found.key.partition(".by_")[0])
        if base is not None:
            assert (base.unit, base.kind in (Kind.LAW, Kind.POLICY)) == (found.unit, True)
    assert len(maps) == 6


@pytest.mark.django_db
def test_a_new_database_holds_what_ships() -> None:
    expected = sum(len(found.versions) for found in shipped.definitions().values())
    assert counts() == [expected, len(seeding.bank_holidays()), 18, 18]
    row = Rule.objects.get(key="pep.initial.deadline")
    assert (row.value, row.unit, row.kind, row.configurable, row.author) == (
        10,
        Unit.WORKING_DAYS,
        Kind.LAW,
        True,
        None,
    )
    assert "statutory guidance, February 2018" in row.source


@pytest.mark.django_db
def test_seeding_again_adds_nothing() -> None:
    before = counts()
    seed()
    assert counts() == before


@pytest.mark.django_db
def test_seeding_again_keeps_a_councils_own_value() -> None:
    set_rule("pep.initial.deadline", 15, from_=date(2026, 9, 1))
    seed()
    values = [rules.value("pep.initial.deadline", on=on) for on in (date(2026, 8, 31), date(2026, 9, 1))]
    assert values == [10, 15]


@pytest.mark.django_db
def test_seeding_again_keeps_a_councils_own_terms_and_bank_holidays() -> None:
    TermDate.objects.all().delete()
    SchoolClosure.objects.all().delete()
    TermDateFactory(school_urn="")
    BankHoliday.objects.filter(day=date(2030, 12, 25)).delete()
    BankHolidayFactory()
    before = counts()
    seed()
    assert counts() == before


@pytest.mark.django_db
def test_a_rule_that_comes_with_a_new_version_arrives_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    known = shipped.definition("search.results")
    fresh = shipped.Definition(**{**vars(known), "key": "search.new_rule"})
    monkeypatch.setattr(shipped, "definitions", lambda: {"search.new_rule": fresh})
    before = Rule.objects.count()
    seed()
    assert Rule.objects.count() == before + 1
    assert rules.value("search.new_rule", on=date(2026, 11, 10)) == 50


@pytest.mark.django_db
def test_nothing_happens_where_the_tables_are_not_there_yet() -> None:
    before = counts()
    seeding.seed(sender=apps.get_app_config("rulebook"), using="default", apps=ProjectState().apps)
    assert counts() == before


@pytest.mark.django_db
def test_grants_that_nobody_confirmed_have_no_value() -> None:
    known = [rules.value("pp.grant.cla", on=date(year, 6, 1)) for year in range(2021, 2026)]
    assert known == [234500, 241000, 253000, 257000, 263000]
    assert rules.find("pp.grant.cla", on=date(2026, 3, 31)) is not None
    with pytest.raises(rules.UnknownRule) as unknown:
        rules.get("pp.grant.cla", on=date(2026, 4, 1))
    assert str(unknown.value) == (
        "No rule pp.grant.cla is in force on 1 April 2026. The amount for this financial year is not confirmed."
    )
