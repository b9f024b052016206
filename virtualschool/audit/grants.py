"""What the application's role may do in the database; settled after every migration by the role that owns the tables.

The application reads and writes rows and changes no structure. Models with ``append_only`` lose UPDATE, DELETE and TRUNCATE;
those with ``written_by_function`` lose INSERT too.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction
from django.db.models import Model

_OWNED = """
    SELECT c.relkind, format('%%I.%%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relowner = current_user::regrole AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
"""
_FUNCTIONS = ("audit_seal(text, integer)", "audit_row_digests(text, bigint, bigint, text[])")


def app_role() -> str:
    """The role that the application connects as."""
    return getattr(settings, "VS_APP_ROLE", "vs_app")


def grant(sender: Any, using: str, **kwargs: Any) -> None:
    """Grant and revoke (``post_migrate``). Nothing happens when this is the application's role or there is no such role."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [app_role()])
        if not cursor.fetchone():
            return
        cursor.execute(_OWNED, [])
        owned = cursor.fetchall()
        for statement in _statements(owned, connection.ops.quote_name(app_role())):
            cursor.execute(statement)


def _statements(owned: list[tuple[str, str]], role: str) -> list[str]:
    names = {name.split(".")[-1].strip('"') for _, name in owned}
    statements = [f"GRANT USAGE ON SCHEMA public TO {role}"]
    for kind, name in owned:
        rights = f"USAGE, SELECT ON SEQUENCE {name}" if kind == "S" else f"SELECT, INSERT, UPDATE, DELETE ON {name}"
        statements.append(f"GRANT {rights} TO {role}")
    for table, refused in _refusals():
        if table in names:
            statements.append(f'REVOKE {refused} ON "{table}" FROM {role}')
    statements.extend(f"GRANT EXECUTE ON FUNCTION {name} TO {role}" for name in _FUNCTIONS)
    return statements


def _refusals() -> list[tuple[str, str]]:
    """For each table that is special, the rights the application does not have."""
    refusals = [("django_migrations", "INSERT, UPDATE, DELETE, TRUNCATE")]
    for model in apps.get_models(include_auto_created=True):
        refused = _refused(model)
        if refused:
            refusals.append((model._meta.db_table, refused))
    return refusals


def _refused(model: type[Model]) -> str:
    if getattr(model, "written_by_function", False):
        return "INSERT, UPDATE, DELETE, TRUNCATE"
    return "UPDATE, DELETE, TRUNCATE" if getattr(model, "append_only", False) else ""
