"""`manage.py demo`: into an empty database alone, once, and never half."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from children.models import Child
from tests.factories.children import ChildFactory
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import now
from virtualschool.overview.management.commands import demo
from virtualschool.overview.models import DemoAuthority

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo_mode(settings) -> None:
    settings.DEMO_MODE = True


@pytest.fixture
def asked(monkeypatch) -> list[dict]:
    """What the command would have made."""
    calls: list[dict] = []
    monkeypatch.setattr(demo, "build", lambda *, tell, **options: calls.append(options))
    return calls


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_it_makes_what_it_is_asked_for(asked):
    assert run("--children=20", "--seed=3", "--on=2026-08-14") == (
        "A demo authority of 20 children as at 2026-08-14 is ready.\n"
    )
    run()
    assert asked == [
        {"children": 20, "seed": 3, "on": date(2026, 8, 14)},
        {"children": 700, "seed": 1, "on": date(2026, 11, 10)},
    ]


def test_a_second_time_it_does_nothing(asked):
    DemoAuthority.objects.create(seed=1, children=20, as_at=date(2026, 11, 10), finished_at=now())
    assert run() == "There is a demo authority of 20 children as at 2026-11-10 already (seed 1); nothing was done.\n"
    assert asked == []


def test_half_an_authority_is_said_and_not_taken_for_a_whole_one(asked):
    DemoAuthority.objects.create(seed=1, children=20, as_at=date(2026, 11, 10))
    with pytest.raises(CommandError, match="begun here and not finished"):
        run()
    assert asked == []


def test_not_beside_children_who_were_not_made_up(asked):
    ChildFactory()
    with pytest.raises(CommandError, match="children who were not made up"):
        run()
    assert (asked, DemoAuthority.objects.exists()) == ([], False)


def test_not_where_demo_mode_is_off(asked, settings):
    settings.DEMO_MODE = False
    with pytest.raises(CommandError, match="Demo mode is off"):
        run()
    assert asked == []


@pytest.mark.parametrize(
    ("argument", "words"), [("--children=0", "from 1 to 20,000"), ("--on=yesterday", "'yesterday' is no date")]
)
def test_nonsense_is_said(asked, argument, words):
    with pytest.raises(CommandError, match=words):
        run(argument)
    assert asked == []


def test_what_fails_at_the_beginning_leaves_nothing(monkeypatch):
    def fail(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr("virtualschool.overview.demo.build.cohorts.build", fail)
    with pytest.raises(ZeroDivisionError):
        run("--children=2")
    assert (DemoAuthority.objects.exists(), User.objects.exists(), Child.objects.exists()) == (False, False, False)


def test_what_fails_later_is_never_finished(monkeypatch):
    def fail(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr("virtualschool.overview.demo.build._tell_stories", fail)
    with pytest.raises(ZeroDivisionError):
        run("--children=2")
    assert DemoAuthority.objects.get().finished_at is None
