"""Triggers for a model's ``Meta.triggers``: history of every change, and refusal of every change.

Both run one shared function owned by the owner of the tables. django-pgtrigger's own functions run as the caller and can be
switched off by any session (``pgtrigger.ignore``), so a trigger here has no function of its own.
"""

from collections.abc import Sequence
from typing import Any

import pgtrigger
from django.db.models import Model
from pgtrigger import compiler

RECORD_FUNCTION = "audit_record_change"
REFUSE_FUNCTION = "audit_refuse_change"


class SharedFunctionSql(compiler.UpsertTriggerSql):
    """The SQL that a migration keeps: a trigger that executes a function which is there already."""

    def get_template(self) -> str:
        return """
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE TRIGGER {pgid} {when} {operation} ON {table} FOR EACH {level} EXECUTE FUNCTION {execute};
            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class _SharedFunctionTrigger(pgtrigger.Trigger):
    func = ""

    def compile(self, model: type[Model]) -> compiler.Trigger:
        sql = SharedFunctionSql(
            pgid=self.get_pgid(model),
            func="",
            table=model._meta.db_table,
            when=self.when,
            operation=self.operation,
            level=self.level,
            execute=self.render_execute(model),
        )
        return compiler.Trigger(name=self.name, sql=sql)


class _History(_SharedFunctionTrigger):
    name = "history"
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def __init__(self, child: str | None, through: str, exclude: Sequence[str]) -> None:
        super().__init__()
        self.arguments = (child or "", through, ",".join(exclude))

    def render_execute(self, model: type[Model]) -> str:
        arguments = ", ".join(f"'{argument}'" for argument in (model._meta.pk.column, *self.arguments))
        return f"{RECORD_FUNCTION}({arguments})"


class _AppendOnly(_SharedFunctionTrigger):
    name = "append_only"
    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate

    def render_execute(self, model: type[Model]) -> str:
        return f"{REFUSE_FUNCTION}()"


def history(child: str | None = "child_id", *, through: str = "", exclude: Sequence[str] = ()) -> Any:
    """Write each change of a row to the change history, bulk updates and raw SQL too.

    Args:
        child: the column with the child's id: ``"child_id"``; ``"id"`` on the child's own table; None when no child is concerned.
        through: where ``child`` is another record's key, that record's table, which has a ``child_id``:
            ``history(child="pep_id", through="peps_pep")``.
        exclude: columns whose values are not kept: the history says that they changed and never from what to what.
    """
    return _History(child, through, exclude)


def append_only() -> Any:
    """Refuse UPDATE, DELETE and TRUNCATE to everybody, the tables' owner included."""
    return _AppendOnly()
