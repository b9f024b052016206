"""How each source's files are read: the list, a new source from one of its files, a mapping with its first rows, a file to import."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from attendance.actions import mappings as actions
from attendance.enums import FileShape
from attendance.forms.mappings import LOOK, FileForm, MappingForm, NewSourceForm, RemoveForm, RenameForm, as_initial
from attendance.imports import samples
from attendance.imports.layout import Layout
from attendance.models import SourceMapping
from attendance.policies.mappings import can_keep_mapping
from children.imports import kinds, runs
from children.imports.report import in_order
from children.policies.imports import can_import
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.models import AuditEvent
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_moment
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.tables import Cell, Column, table

NAME = "attendance:mappings"
INTRO = (
    "Every collector names its columns in its own way. Say it once for each: its next file is read so, here and by the command line. "
    "A source without a mapping sends upn or child_id, date, session and code."
)
GROUPS = [FieldGroup.ATTENDANCE]
MOST = 50
DONE = {
    "marks.mapping_added": "Mapped",
    "marks.mapping_changed": "Changed",
    "marks.mapping_removed": "Removed",
    "marks.source_renamed": "Renamed",
}


@page(can_import)
def mappings(request: HttpRequest) -> HttpResponse:
    """The sources that have one."""
    found = SourceMapping.objects.visible_to(request.user).select_related("source")
    rows = [
        [
            Cell(one.source.name, href=one.get_absolute_url()),
            FileShape(one.shape).label.split(":")[0].capitalize(),
            Cell(", ".join(one.layout.columns)),
            Cell(one.get_date_format_display()),
            Cell("Import a file", href=reverse("attendance:mapping_file", args=[one.uuid]), hidden=f"of {one.source}"),
        ]
        for one in found
    ]
    columns = [
        Column("Source", header=True),
        Column("One row is"),
        Column("Columns"),
        Column("Dates"),
        Column("Import"),
    ]
    drawn = table("Mappings", columns, rows, empty="No source has a mapping yet", caption_hidden=True)
    context = {
        "table": drawn,
        "intro": INTRO,
        "back": reverse("imports:list"),
        "actions": [{"text": "Map a new source", "href": reverse("attendance:mapping_add")}],
    }
    return render(request, "attendance/mappings.html", context)


@page(can_import, methods=("GET", "POST"))
def add(request: HttpRequest) -> HttpResponse:
    """A source's name and one of its files first; then its columns as they seem to be, to be looked at and saved."""
    back = reverse(NAME)
    if "sample" in request.POST:
        form = MappingForm(request.POST, request.FILES, new=True, cancel_href=back)
        return _answered(request, form, None)
    start = NewSourceForm(sent(request), request.FILES or None, cancel_href=back)
    if not start.is_valid():
        intro = ["The columns are suggested from the file’s first line. You look at them before they are saved."]
        return form_page(request, start, heading="Map a new source", back=back, intro=intro)
    sample = samples.sample_of(start.cleaned_data["file"].content)
    layout = samples.suggestion(sample)
    initial = as_initial(layout) | {"source": start.cleaned_data["source"], "sample": sample}
    form = MappingForm(None, new=True, initial=initial, cancel_href=back)
    return _drawn(request, form, None, sample, None if layout.problems() else layout)


@page(can_keep_mapping, methods=("GET", "POST"), mapping=SourceMapping)
def detail(request: HttpRequest, mapping: SourceMapping) -> HttpResponse:
    """A mapping, to be read, tried on a file, and changed."""
    initial = as_initial(mapping.layout) | {"seen": mapping.version}
    form = MappingForm(sent(request), request.FILES or None, new=False, initial=initial, cancel_href=reverse(NAME))
    if request.method == "POST":
        return _answered(request, form, mapping)
    return _drawn(request, form, mapping, "", None)


@page(can_keep_mapping, methods=("GET", "POST"), mapping=SourceMapping)
def file(request: HttpRequest, mapping: SourceMapping) -> HttpResponse:
    """A file of this source: previewed as every import is."""
    form = FileForm(sent(request), request.FILES or None, cancel_href=reverse(NAME))
    if form.is_valid():
        run = runs.preview(
            kind=kinds.named("attendance"),
            files=[form.cleaned_data["file"]],
            options={"source": mapping.source.name},
            by=request.user,
        )
        return redirect("imports:detail", run.uuid)
    columns = ", ".join(mapping.layout.columns)
    heading = f"Import marks of {mapping.source}"
    intro = [f"The file must have the columns {columns}."]
    return form_page(request, form, heading=heading, back=reverse(NAME), intro=intro)


@page(can_keep_mapping, methods=("GET", "POST"), mapping=SourceMapping)
def rename(request: HttpRequest, mapping: SourceMapping) -> HttpResponse:
    """Call its source otherwise."""
    back, was = mapping.get_absolute_url(), mapping.source.name
    form = RenameForm(sent(request), initial={"source": was}, cancel_href=back)
    if form.is_valid():
        name = form.cleaned_data["source"]
        renamed = attempt(form, lambda: actions.rename_source(mapping=mapping, name=name, by=request.user))
        if renamed:
            return done(request, f"{was} is called {renamed.source.name} from now on.", back)
    intro = ["Marks that came from it show the new name. Reports of past imports keep the words they had."]
    return form_page(request, form, heading=f"Rename {was}", back=back, intro=intro)


@page(can_keep_mapping, methods=("GET", "POST"), mapping=SourceMapping)
def remove(request: HttpRequest, mapping: SourceMapping) -> HttpResponse:
    """Read its files by their fixed names again."""
    back = mapping.get_absolute_url()
    form = RemoveForm(sent(request), initial={"seen": mapping.version}, cancel_href=back)
    if form.is_valid():
        actions.remove_mapping(mapping=mapping, seen=form.cleaned_data["seen"], by=request.user)
        return done(request, f"The mapping of {mapping.source} is removed.", reverse(NAME))
    intro = [
        "Its next file must have the columns upn or child_id, date, session and code, until the source is mapped again.",
        "Marks that were read by it stay, under the name of the source; so do the reports of its imports.",
    ]
    return form_page(request, form, heading=f"Remove the mapping of {mapping.source}", back=back, intro=intro)


# ---------------------------------------------------------------- steps


def _answered(request: HttpRequest, form: MappingForm, mapping: SourceMapping | None) -> HttpResponse:
    valid = form.is_valid()
    sample = form.take_sample()
    if valid and LOOK not in request.POST:
        saved = attempt(form, lambda: _saved(form, mapping, request.user))
        if saved:
            return done(request, f"Files of {saved.source} are read so from now on.", reverse(NAME))
    return _drawn(request, form, mapping, sample, None if form.errors else form.read_as())


def _saved(form: MappingForm, mapping: SourceMapping | None, by: User) -> SourceMapping:
    layout = form.read_as()
    if mapping is None:
        return actions.add_mapping(source=form.cleaned_data["source"], layout=layout, by=by)
    return actions.change_mapping(mapping=mapping, layout=layout, seen=form.cleaned_data["seen"] or 0, by=by)


def _drawn(
    request: HttpRequest, form: MappingForm, mapping: SourceMapping | None, sample: str, layout: Layout | None
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "heading": f"How files of {mapping.source} are read" if mapping else "Map a new source",
        "back": reverse(NAME),
        "columns": ", ".join(samples.columns_of(sample)),
        **(_kept(mapping) if mapping else {}),
    }
    return render(request, "attendance/mapping.html", context | _first_rows(request, sample, layout))


def _kept(mapping: SourceMapping) -> dict[str, Any]:
    """What may be done with it beside changing it, and what was done. One query."""
    offered = (("Import a file", "mapping_file"), ("Rename the source", "mapping_rename"), ("Remove", "mapping_remove"))
    events = AuditEvent.objects.filter(subject_type=mapping._meta.label, subject_id=str(mapping.pk)).newest()
    rows = [[long_moment(one.at), DONE.get(one.verb, one.verb), _told_of(one), one.by_name] for one in events[:MOST]]
    columns = [Column("When"), Column("What"), Column("Which"), Column("Who")]
    return {
        "actions": [
            {"text": text, "href": reverse(f"attendance:{name}", args=[mapping.uuid]), "kind": "secondary"}
            for text, name in offered
        ],
        "events": table("What was done with this mapping", columns, rows, empty="Nothing is recorded"),
    }


def _told_of(event: AuditEvent) -> str:
    """The version that came of it, or the old name."""
    if "was" in event.data:
        return f"{event.data['was']} became {event.data['source']}"
    return f"Version {event.data['version']}" if "version" in event.data else ""


def _first_rows(request: HttpRequest, sample: str, layout: Layout | None) -> dict[str, Any]:
    """The sample's rows as the layout has them read; nothing without a layout that is right."""
    if not sample or layout is None:
        return {}
    seen = samples.look(sample, layout)
    concerned = {remark.child for remark in seen.report.refused}
    access.shown(request, {mark.child_id for _, mark in seen.marks}, fields=GROUPS)
    access.shown(request, runs.concerned([{"child": one} for one in concerned]), fields=GROUPS)
    columns = [Column("Line", numeric=True), Column("Day"), Column("Session"), Column("Mark")]
    wrong = [[one.line, Cell(one.column), Cell(one.value), Cell(one.reason)] for one in in_order(seen.report.refused)]
    heads = [Column("Line", numeric=True), Column("Column"), Column("Value"), Column("Reason")]
    return {
        "unfit": seen.unfit,
        "marks": table("The first rows as they would be read", columns, seen.rows(), empty="No mark would be read"),
        "wrong": table("Not taken", heads, wrong) if wrong and not seen.unfit else None,
    }
