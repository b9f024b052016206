"""Tests work as the service's role, which may use the tables and change none of them."""

import pytest
from django.db import DatabaseError, connection, transaction

pytestmark = pytest.mark.django_db


def one(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_the_role_is_the_services_own():
    assert one("SELECT current_user::text") == "vs_app"


def test_the_role_owns_no_table():
    assert one("SELECT count(*) FROM pg_class WHERE relowner = 'vs_app'::regrole") == 0


def test_the_role_is_no_superuser():
    assert (
        one("SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname='vs_app'")
        is False
    )


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE own (id int)",
        "ALTER TABLE django_session ADD COLUMN more int",
        "TRUNCATE django_session",
        "DROP TABLE django_session",
        "SET session_replication_role = replica",
    ],
)
def test_the_role_may_not_change_tables(statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
