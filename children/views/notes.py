"""Notes on a child."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from children import policies
from children.actions import notes
from children.forms.records import NoteForm
from children.models import Child, Note
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_moment
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.verdicts import Conflict


@page(policies.can_read_notes, child=Child)
def note_list(request: HttpRequest, child: Child) -> HttpResponse:
    """Every note on the child, the latest first; one's own can be changed."""
    found = Note.objects.visible_to(request.user).filter(child=child).select_related("author")
    pages = paginate(request, found)
    may_write = policies.can_write_note(request.user, child)
    items = [
        {
            "when": note.happened_on,
            "title": note.subject,
            "by": note.author.name,
            "text": note.body,
            "lines": [f"Changed {long_moment(note.edited_at)}"] if note.edited_at else [],
            "href": reverse("children:note_edit", args=[note.uuid])
            if may_write and note.author == request.user
            else "",
            "link_text": "Change this note",
        }
        for note in pages.rows
    ]
    add = reverse("children:note_add", args=[child.uuid]) if may_write else ""
    context = {
        "child_name": child.name,
        "back": child.get_absolute_url(),
        "items": items,
        "pages": pages,
        "add_href": add,
    }
    return render(request, "children/notes.html", context)


@page(policies.can_write_note, methods=("GET", "POST"), child=Child)
def note_add(request: HttpRequest, child: Child) -> HttpResponse:
    here = reverse("children:notes", args=[child.uuid])
    form = NoteForm(sent(request), cancel_href=here)
    if form.is_valid():
        key = form.cleaned_data["key"]
        if attempt(form, lambda: notes.add_note(child=child, by=request.user, key=key, **form.note())):
            return done(request, "The note is saved.", here)
    return form_page(request, form, heading="Add a note", caption=child.name, back=here)


@page(policies.can_edit_note, methods=("GET", "POST"), note=Note)
def note_edit(request: HttpRequest, note: Note) -> HttpResponse:
    """Its author's words again. When it was changed in another window, nothing is lost: both versions are shown."""
    here = reverse("children:notes", args=[note.child.uuid])
    if request.method != "POST":
        return _edit_page(request, note, NoteForm(initial=_as_it_is(note), cancel_href=here))
    form = NoteForm(request.POST, cancel_href=here)
    if not form.is_valid():
        return _edit_page(request, note, form)
    version = form.cleaned_data["version"] or 0
    try:
        edited = attempt(form, lambda: notes.edit_note(note=note, version=version, by=request.user, **form.note()))
    except Conflict as stale:
        return _both_versions(request, note, form, str(stale))
    return done(request, "The note is changed.", here) if edited else _edit_page(request, note, form)


def _as_it_is(note: Note) -> dict[str, object]:
    names = ("happened_on", "subject", "body", "version")
    return {name: getattr(note, name) for name in names}


def _edit_page(request: HttpRequest, note: Note, form: NoteForm) -> HttpResponse:
    here = reverse("children:notes", args=[note.child.uuid])
    return form_page(request, form, heading="Change a note", caption=note.child.name, back=here)


def _both_versions(request: HttpRequest, note: Note, form: NoteForm, words: str) -> HttpResponse:
    """What was typed stays in the form, beside what is saved; saving again now replaces it knowingly."""
    typed = form.cleaned_data | {"version": note.version}
    here = reverse("children:notes", args=[note.child.uuid])
    again = NoteForm(initial=typed, cancel_href=here)
    rows = [{"key": "Saved meanwhile", "value": note.subject, "lines": [note.body]}]
    intro = [words, "Your words are below and not saved yet. Put both together, then save."]
    return form_page(
        request, again, heading="Change a note", caption=note.child.name, back=here, intro=intro, rows=rows, status=409
    )
