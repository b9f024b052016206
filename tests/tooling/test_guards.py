"""What every test is held to: a still clock, no network, no undefined variable in a page, one's own cache."""

import datetime as dt
import socket
import time

import pytest
from django.conf import settings
from django.core.cache import cache
from django.template import Context, Engine
from django.utils import timezone

from virtualschool.kernel import dates
from virtualschool.settings.test import Strict, UndefinedVariable


def test_time_stands_still_in_term_time(clock):
    assert dates.today() == dt.date(2026, 11, 10)
    first = timezone.now()
    time.sleep(0.01)
    assert timezone.now() == first


def test_time_can_be_moved(clock):
    clock.move_to(dt.datetime(2027, 6, 30, 23, 30, tzinfo=dt.UTC))
    assert dates.today() == dt.date(2027, 7, 1)


@pytest.mark.realclock
def test_a_marked_test_has_the_real_clock(clock):
    assert clock is None
    first = timezone.now()
    time.sleep(0.002)
    assert timezone.now() > first


def test_no_other_machine_is_reached():
    with socket.socket() as outside, pytest.raises(RuntimeError, match="only this machine"):
        outside.connect(("192.0.2.1", 80))


def test_this_machine_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
        assert client.getpeername() == server.getsockname()


@pytest.fixture
def template_of_ours(tmp_path, monkeypatch):
    """Builds a template that counts as one from templates/."""
    monkeypatch.setattr("virtualschool.settings.test.BASE_DIR", tmp_path)
    (tmp_path / "templates").mkdir()

    def build(source: str):
        (tmp_path / "templates" / "own.html").write_text(source)
        engine = Engine(dirs=[str(tmp_path / "templates")], string_if_invalid=Strict("%s"))
        return engine.get_template("own.html")

    return build


def test_an_undefined_variable_fails(template_of_ours):
    with pytest.raises(UndefinedVariable, match=r"child\.name in own\.html"):
        template_of_ours("{{ child.name }}").render(Context({}))


def test_an_undefined_variable_of_a_package_is_nothing(template_of_ours, tmp_path, monkeypatch):
    monkeypatch.setattr("virtualschool.settings.test.BASE_DIR", tmp_path / "elsewhere")
    assert template_of_ours("[{{ child.name }}]").render(Context({})) == "[]"


def test_a_condition_may_ask_for_what_is_not_there(template_of_ours):
    assert template_of_ours("{% if child %}yes{% else %}no{% endif %}").render(Context({})) == "no"


def test_cache_starts_empty_first():
    assert cache.get("guards") is None
    cache.set("guards", 1)


def test_cache_starts_empty_second():
    assert cache.get("guards") is None
    cache.set("guards", 1)


@pytest.mark.django_db
def test_tests_never_use_a_named_database():
    assert "/vs-" in settings.DATABASES["default"]["HOST"]
    assert settings.DATABASES["default"]["NAME"].startswith("test_")
