"""Importing files from a page: upload, preview, confirm or discard."""

from typing import Any

from django.contrib import messages
from django.db.models import F, Func, IntegerField
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate

from children.forms.imports import UploadForm
from children.imports import kinds, report, runs
from children.models import ImportRun
from children.policies.imports import can_import, can_see_run
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.downloads import csv_file
from virtualschool.kernel.formfields import long_moment
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table

REMARKS_A_PAGE = 50
# In the order in which they are shown.
TABLE_WORDS = {
    "children": "Children",
    "episodes": "Episodes of care",
    "reviews": "Reviews",
    "uasc": "Unaccompanied children",
    "oc2": "Health (OC2)",
    "oc3": "Care leavers (OC3)",
    "ad1": "Adoptions (AD1)",
    "placed_for_adoption": "Placed for adoption",
    "previous_permanence": "Previous permanence",
    "missing": "Times missing",
    "sw_episodes": "Social worker episodes",
    "dolo": "Deprivations of liberty",
    "relationships": "Who works with a child",
    "teams": "Social work teams",
    "enrolments": "Places at schools",
    "schools": "Schools",
    "judgements": "Inspection grades",
    "school_links": "Successors of schools",
}
STATE_TAGS = {
    ImportRun.State.PREVIEWED: {"text": "Previewed", "colour": "yellow"},
    ImportRun.State.DONE: {"text": "Imported", "colour": "green"},
    ImportRun.State.REFUSED: {"text": "Refused", "colour": "red"},
    ImportRun.State.DISCARDED: {"text": "Discarded", "colour": "grey"},
}


@page(can_import)
def import_list(request: HttpRequest) -> HttpResponse:
    """Every import, the last first, with how many rows need a look."""
    found = ImportRun.objects.visible_to(request.user).select_related("by").defer("report")
    pages = paginate(request, found.annotate(refused=_length("refused"), flagged=_length("flagged")))
    rows = [
        [
            Cell(_title(run), href=_href(run)),
            Cell(long_moment(run.started_at), hint=str(run.by) if run.by else "Command line"),
            Cell(", ".join(run.file_names)),
            run.refused,
            run.flagged,
            Cell(tag=STATE_TAGS[ImportRun.State(run.state)]),
        ]
        for run in pages.rows
    ]
    columns = [
        "Import",
        "When and by whom",
        "Files",
        Column("Refused", numeric=True),
        Column("Flagged", numeric=True),
        "State",
    ]
    listed = table("Imports", columns, rows, empty="Nothing has been imported yet", caption_hidden=True)
    context = {
        "table": listed,
        "pages": pages,
        "actions": [{"text": "Import files", "href": reverse("imports:upload")}],
    }
    return render(request, "imports/list.html", context)


@page(can_import, methods=("GET", "POST"))
def upload(request: HttpRequest) -> HttpResponse:
    """Choose files and see what importing them would do."""
    here = reverse("imports:list")
    form = UploadForm(request.POST or None, request.FILES or None, cancel_href=here)
    if request.method == "POST" and form.is_valid():
        run = runs.preview(
            kind=form.cleaned_data["chosen"],
            files=form.cleaned_data["sources"],
            options=form.options(),
            by=request.user,
        )
        return redirect(_href(run))
    return render(request, "imports/upload.html", {"form": form, "back": here})


@page(can_see_run, run=ImportRun)
def detail(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """What an import did, or would do: counts, then every row that was refused or flagged."""
    remarks = _readable(request, run)
    pages = paginate(request, remarks, per_page=REMARKS_A_PAGE)
    _shown(request, pages.rows)
    context = {
        "back": reverse("imports:list"),
        "heading": _title(run),
        "tag": STATE_TAGS[ImportRun.State(run.state)],
        "summary": _summary(run),
        "notes": run.report.get("notes", []),
        "counts": _counts(run),
        "remarks": _remarks(pages.rows),
        "pages": pages,
        "rows_href": reverse("imports:rows", args=[run.uuid]) if remarks else "",
        "waiting": runs.is_waiting(run),
        "confirm_href": reverse("imports:confirm", args=[run.uuid]),
        "discard_href": reverse("imports:discard", args=[run.uuid]),
    }
    return render(request, "imports/detail.html", context)


@page(can_see_run, run=ImportRun)
def rows(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """The refused and flagged rows as a file to work through."""
    remarks = _readable(request, run)
    _shown(request, remarks, kind=AccessKind.EXPORT)
    return csv_file(f"import-{run.kind}-{localdate(run.started_at)}-rows", report.to_csv(remarks))


@page(can_see_run, methods=("POST",), run=ImportRun)
def confirm(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Do what was previewed."""
    if runs.confirm(run=run, by=request.user):
        messages.success(request, "The files are imported.")
    else:
        messages.warning(request, "Records have changed since the preview, so nothing was imported. Look at it again.")
    return redirect(_href(run))


@page(can_see_run, methods=("POST",), run=ImportRun)
def discard(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Import nothing."""
    runs.discard(run=run, by=request.user)
    messages.success(request, "The files are discarded. Nothing was imported.")
    return redirect("imports:list")


def _readable(request: HttpRequest, run: ImportRun) -> list[dict[str, Any]]:
    """What was refused or flagged, as far as the reader's role reads it."""
    return report.remarks(run.report, addresses=request.user.reads(FieldGroup.ADDRESS))


def _shown(request: HttpRequest, remarks: list[dict[str, Any]], kind: AccessKind | None = None) -> None:
    """Note whose rows these are, and whether they tell where somebody lives."""
    tells = any(remark["value"] and remark["column"] in report.ADDRESSES for remark in remarks)
    access.shown(request, runs.concerned(remarks), kind=kind, fields=[FieldGroup.ADDRESS] if tells else [])


# ---------------------------------------------------------------- how it is drawn


def _length(name: str) -> Any:
    """How many rows were refused or flagged, counted in the database; of an old report, how many there were."""
    length = Func(F(f"report__{name}"), function="jsonb_array_length", output_field=IntegerField())
    return Coalesce(length, 0)


def _title(run: ImportRun) -> str:
    return next((kind.title for kind in kinds.every() if kind.name == run.kind), run.kind)


def _href(run: ImportRun) -> str:
    return reverse("imports:detail", args=[run.uuid])


def _summary(run: ImportRun) -> list[dict[str, str]]:
    counts = run.report.get("expired") or {word: len(run.report.get(word, [])) for word in ("refused", "flagged")}
    options = {"source": "Whose marks", "year": "Year", "go_live": "New children are known from"}
    told = [{"key": words, "value": run.report.get("options", {}).get(name, "")} for name, words in options.items()]
    return [
        {"key": "When", "value": long_moment(run.started_at)},
        {"key": "By", "value": str(run.by) if run.by else "Command line"},
        {"key": "Files", "value": ", ".join(run.file_names)},
        *(row for row in told if row["value"]),
        {"key": "Rows refused", "value": str(counts["refused"])},
        {"key": "Cells flagged", "value": str(counts["flagged"])},
    ]


def _counts(run: ImportRun) -> Any:
    read = {name for outcome in report.OUTCOMES for name in run.report.get(outcome, {})}
    names = [*(name for name in TABLE_WORDS if name in read), *sorted(read - TABLE_WORDS.keys())]
    lines = [
        [TABLE_WORDS.get(name, name), *(run.report[outcome].get(name, 0) for outcome in report.OUTCOMES)]
        for name in names
    ]
    would = run.state == ImportRun.State.PREVIEWED
    heads = ("Would be new", "Would change", "Would stay") if would else ("New", "Changed", "Unchanged")
    columns = ["Records", *(Column(head, numeric=True) for head in heads)]
    return table("What is in the files", columns, lines, empty="Nothing was read")


def _remarks(found: list[dict[str, Any]]) -> Any:
    """Refused: the row is left out. Flagged: the row is taken, the cell set aside or doubted."""
    tags = {"refused": {"text": "Refused", "colour": "red"}, "flagged": {"text": "Flagged", "colour": "yellow"}}
    lines = [
        [
            Cell(f"{remark['file']} line {remark['line']}" if remark["line"] else remark["file"] or "All files"),
            Cell(remark["column"]),
            Cell(remark["value"]),
            Cell(remark["reason"], tag=tags[remark["outcome"]]),
        ]
        for remark in found
    ]
    return table(
        "Rows to look at", ["Where", "Column", "Value", "Reason"], lines, empty="No row was refused or flagged"
    )
