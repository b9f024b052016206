"""Tests work as the service's role, which may use the tables and change none of them."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from scripts.services import ROOT
from virtualschool.audit.models import AuditEvent
from virtualschool.rulebook.models import Rule


def one(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_the_role_is_the_services_own():
    assert one("SELECT current_user::text") == "vs_app"


@pytest.mark.django_db
def test_the_role_owns_nothing():
    assert one("SELECT count(*) FROM pg_class WHERE relowner = 'vs_app'::regrole") == 0


@pytest.mark.django_db
def test_the_role_has_no_special_power():
    powers = "rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
    assert one(f"SELECT {powers} FROM pg_roles WHERE rolname = 'vs_app'") is False  # noqa: S608


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE own (id int)",
        "ALTER TABLE django_session ADD COLUMN more int",
        "TRUNCATE django_session",
        "DROP TABLE django_session",
        "SET session_replication_role = replica",
        "CREATE EXTENSION tablefunc",
    ],
)
def test_the_role_may_not_change_tables(statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_a_transactional_test_leaves_no_row_and_takes_none_of_the_migrations(time):
    assert AuditEvent.objects.count() == 0
    assert Rule.objects.exists()
    AuditEvent.objects.create(verb="tooling.tried", subject_type="tooling", subject_id=time)
    assert one("SELECT current_user::text") == "vs_app"


@pytest.mark.realclock
def test_a_subprocess_works_on_the_test_database_as_the_service(service_environment):
    ask = (
        "from django.db import connection as c; k = c.cursor(); k.execute('SELECT current_user, current_database()'); "
    )
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", ask + "print(*k.fetchone())"]
    done = subprocess.run(command, cwd=ROOT, env=service_environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["vs_app", settings.DATABASES["default"]["NAME"]]
    assert os.environ["DATABASE_URL"] != service_environment["DATABASE_URL"]
