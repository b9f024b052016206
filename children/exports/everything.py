"""Everything that is held, in open formats: a CSV file for each kind of record, the files kept, and a dictionary of the data.

The dictionary is read off the models, so it cannot fall behind them. Secrets (passwords and the like) are left out. Cells that a
spreadsheet would take for a formula have an apostrophe in front.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Field, ForeignKey, Model

from children.exports import private
from children.models import Child

# Parts of a column's name that mean that its value opens a door.
SECRETS = ("password", "secret", "token")
AT_A_TIME = 2000
NOT_RECORDS = ("imports",)  # files that wait to be imported are somebody else's record until they are


def models() -> list[type[Model]]:
    """Every model of the service's own apps, by app and name."""
    ours = [config for config in apps.get_app_configs() if "site-packages" not in Path(config.path).parts]
    return sorted((model for config in ours for model in config.get_models()), key=lambda model: model._meta.label)


def columns(model: type[Model]) -> "list[Field[Any, Any]]":
    """The columns that are exported."""
    return [field for field in model._meta.concrete_fields if not any(word in field.name for word in SECRETS)]


def export(into: Path) -> dict[str, int]:
    """Write everything; outside a transaction as at one moment, whatever is written meanwhile.

    Returns:
        how many rows each file has.
    """
    private.folder(into)
    written: dict[str, int] = {}
    first = not connection.in_atomic_block
    with transaction.atomic():
        if first:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for model in models():
            name = f"{model._meta.label_lower}.csv"
            names = [field.column for field in columns(model)]
            written[name] = private.write_csv(into / name, names, _rows(model))
        children = list(Child.objects.values_list("pk", flat=True))
    private.log("export_all", children)
    _write_dictionary(into, written)
    _copy_files(into)
    return written


def dictionary() -> list[dict[str, Any]]:
    """What each file and each of its columns means."""
    return [
        {
            "model": model._meta.label,
            "file": f"{model._meta.label_lower}.csv",
            "table": model._meta.db_table,
            "meaning": " ".join((model.__doc__ or "").split()),
            "columns": [_column(field) for field in columns(model)],
        }
        for model in models()
    ]


def _column(field: "Field[Any, Any]") -> dict[str, Any]:
    found: dict[str, Any] = {
        "column": field.column,
        "meaning": str(field.help_text or field.verbose_name),
        "type": field.get_internal_type(),
        "may_be_empty": field.null or field.blank,
    }
    if field.max_length:
        found["longest"] = field.max_length
    if field.flatchoices:
        found["values"] = {str(value): str(words) for value, words in field.flatchoices}
    if isinstance(field, ForeignKey):
        found["refers_to"] = f"{field.related_model._meta.label_lower}.csv {field.target_field.column}"
    return found


# ---------------------------------------------------------------- writing


def _rows(model: type[Model]) -> Iterator[list[str]]:
    names = [field.attname for field in columns(model)]
    for row in model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=AT_A_TIME):
        yield [_text(value) for value in row]


def _text(value: Any) -> str:
    """Dates in ISO form, yes and no as true and false, structures as JSON, bytes as hexadecimal digits."""
    if value is None:
        return ""
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, bool | list | dict):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value)


def _write_dictionary(into: Path, written: dict[str, int]) -> None:
    found = [{**entry, "rows": written[entry["file"]]} for entry in dictionary()]
    private.write(into / "data_dictionary.json", [json.dumps(found, ensure_ascii=False, indent=2), "\n"])
    private.write(into / "data_dictionary.md", _markdown(found))


def _markdown(found: list[dict[str, Any]]) -> Iterator[str]:
    yield "# Data dictionary\n\nUTF-8 CSV, one file for each kind of record. Dates are written yyyy-mm-dd.\n"
    yield "An apostrophe in front of a cell that starts with = + - or @ keeps a spreadsheet from running it.\n"
    for entry in found:
        yield f"\n## {entry['file']}\n\n{entry['meaning']} {entry['rows']} rows.\n\n"
        yield "| column | meaning | type | values |\n|---|---|---|---|\n"
        for column in entry["columns"]:
            values = "; ".join(f"{value} = {words}" for value, words in column.get("values", {}).items())
            cells = (column["column"], column["meaning"], column["type"], values or column.get("refers_to", ""))
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _copy_files(into: Path) -> None:
    """The files that are kept on children, under the names by which their records know them."""
    target = private.folder(into / "files")
    for name in _stored(""):
        copy = target / name
        private.folder(copy.parent)
        private.write(copy, [])
        with default_storage.open(name) as source, copy.open("wb") as out:
            shutil.copyfileobj(source, out)


def _stored(folder: str) -> Iterator[str]:
    if not default_storage.exists(folder or "."):
        return
    folders, files = default_storage.listdir(folder or ".")
    prefix = f"{folder}/" if folder else ""
    yield from (f"{prefix}{name}" for name in sorted(files))
    for name in sorted(folders):
        if prefix or name not in NOT_RECORDS:
            yield from _stored(f"{prefix}{name}")
