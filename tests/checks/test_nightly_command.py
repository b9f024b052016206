"""``manage.py nightly``: the night in the foreground."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from children.checks.registry import CHECKS
from children.models import Alert
from tests.factories.children import ChildFactory
from virtualschool.jobs import nights
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NO_SCHOOL = "education.no_school"


def nightly(capsys, *args):
    call_command("nightly", *args, "--json")
    answer = capsys.readouterr()
    return json.loads(answer.out), answer.err


def test_runs_every_check_of_last_night(capsys):
    ChildFactory(in_care=True)
    answer, _ = nightly(capsys)
    assert answer["date"] == (today() - DAY).isoformat()
    assert set(answer["checks"]) == set(CHECKS)
    assert answer["checks"][NO_SCHOOL] == {"opened": 1, "updated": 0, "unchanged": 0, "resolved": 0}
    assert nights.last_complete() == today() - DAY


def test_again_opens_nothing(capsys):
    ChildFactory(in_care=True)
    nightly(capsys, "--date", today().isoformat())
    before = list(Alert.objects.values())
    answer, _ = nightly(capsys, "--date", today().isoformat())
    assert {counts["opened"] for counts in answer["checks"].values()} == {0}
    assert list(Alert.objects.values()) == before


def test_one_check_alone_leaves_the_ledger(capsys):
    ChildFactory(in_care=True)
    answer, _ = nightly(capsys, "--check", NO_SCHOOL, "--date", today().isoformat())
    assert answer["checks"] == {NO_SCHOOL: {"opened": 1, "updated": 0, "unchanged": 0, "resolved": 0}}
    assert nights.last_complete() is None


@pytest.mark.parametrize("args", [[], ["--check", NO_SCHOOL]])
def test_a_past_date_is_reported_only(capsys, args):
    nightly(capsys, "--date", today().isoformat())
    ChildFactory(in_care=True)
    answer, said = nightly(capsys, "--date", (today() - DAY).isoformat(), *args)
    assert answer["checks"][NO_SCHOOL]["opened"] == 1
    assert "changes nothing" in said
    assert Alert.objects.count() == 0


def test_a_check_that_fails_is_told(monkeypatch):
    def fails(*, on, children):
        raise ZeroDivisionError("no")

    monkeypatch.setitem(CHECKS, NO_SCHOOL, type(CHECKS[NO_SCHOOL])(NO_SCHOOL, "", fails))
    with pytest.raises(CommandError, match="ZeroDivisionError"):
        call_command("nightly")


@pytest.mark.parametrize("args", [[], ["--check", NO_SCHOOL]])
def test_a_date_to_come_is_refused(capsys, args):
    ChildFactory(in_care=True)
    with pytest.raises(CommandError, match="is after today") as refused:
        call_command("nightly", "--date", (today() + DAY).isoformat(), *args)
    assert refused.value.returncode == 1
    assert (Alert.objects.count(), nights.last_complete()) == (0, None)
    nightly(capsys)
    assert nights.last_complete() == today() - DAY


def test_what_opened_on_a_missed_night_is_counted(capsys, clock):
    nightly(capsys)
    ChildFactory(in_care=True)
    clock.shift(2 * DAY)
    answer, _ = nightly(capsys)
    assert answer["checks"][NO_SCHOOL] == {"opened": 1, "updated": 0, "unchanged": 1, "resolved": 0}
