"""Files on a child. One view hands a file out, always as a download, whatever it holds."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.timezone import localdate

from children import policies
from children.actions import files
from children.forms.records import GROUP_WORDS, FileForm, RemoveFileForm
from children.models import Child, ChildFile
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, table


@page(policies.can_see_files, child=Child)
def file_list(request: HttpRequest, child: Child) -> HttpResponse:
    """The files of the kinds of information that the reader's role reads."""
    found = ChildFile.objects.visible_to(request.user).filter(child=child).select_related("uploaded_by")
    pages = paginate(request, found)
    rows = [[*_described(file), _way_out(request, file)] for file in pages.rows]
    shown = table("Files", ["File", "Information", "Added", "Action"], rows, empty="No files", caption_hidden=True)
    may_add = policies.can_keep_files(request.user, child)
    context = {
        "child_name": child.name,
        "back": child.get_absolute_url(),
        "table": shown,
        "pages": pages,
        "add_href": reverse("children:file_add", args=[child.uuid]) if may_add else "",
    }
    return render(request, "children/files.html", context)


@page(policies.can_keep_files, methods=("GET", "POST"), child=Child)
def file_add(request: HttpRequest, child: Child) -> HttpResponse:
    here = reverse("children:files", args=[child.uuid])
    form = FileForm(sent(request), request.FILES or None, user=request.user, cancel_href=here)
    if form.is_valid():
        names = ("upload", "title", "field_group", "key")
        facts = {name: form.cleaned_data[name] for name in names}
        if attempt(form, lambda: files.add_file(child=child, by=request.user, **facts)):
            return done(request, "The file is added.", here)
    return form_page(request, form, heading="Add a file", caption=child.name, back=here)


@page(policies.can_read_file, file=ChildFile)
def file(request: HttpRequest, file: ChildFile) -> HttpResponse:
    """The file itself. No browser shows it, runs it or guesses what it is."""
    if not ChildFile.objects.clean().filter(pk=file.pk).exists() or not default_storage.exists(file.stored_as):
        raise Http404
    access.shown(request, file, kind=AccessKind.EXPORT, fields=[file.field_group])
    answer = FileResponse(
        default_storage.open(file.stored_as),
        as_attachment=True,
        filename=file.original_name,
        content_type=file.content_type,
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "no-store"
    return answer


@page(policies.can_remove_file, methods=("GET", "POST"), file=ChildFile)
def file_remove(request: HttpRequest, file: ChildFile) -> HttpResponse:
    here = reverse("children:files", args=[file.child.uuid])
    form = RemoveFileForm(sent(request), cancel_href=here)
    if form.is_valid():
        files.remove_file(file=file, why=form.cleaned_data["why"], by=request.user)
        return done(request, "The file is removed.", here)
    intro = [f"“{file.title}” will no longer be shown to anybody. It is kept for as long as the child’s record is."]
    return form_page(request, form, heading="Remove a file", caption=file.child.name, back=here, intro=intro)


def _described(file: ChildFile) -> list[Cell | str]:
    return [
        Cell(
            file.title,
            href=reverse("children:file", args=[file.uuid]),
            hint=f"{file.original_name}, {filesizeformat(file.size)}",
        ),
        GROUP_WORDS.get(FieldGroup(file.field_group), file.field_group),
        Cell(long_date(localdate(file.created_at)), hint=file.uploaded_by.name),
    ]


def _way_out(request: HttpRequest, file: ChildFile) -> Cell:
    """A link to remove it, for whoever may."""
    if not policies.can_remove_some(request.user, file):
        return Cell()
    return Cell("Remove", href=reverse("children:file_remove", args=[file.uuid]), hidden=file.title)
