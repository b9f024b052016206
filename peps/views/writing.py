"""Writing in a section: by the buttons of its form, and as it is typed where the browser can.

Both send the same form to the same address. A browser that asks for JSON gets told what was saved, and nothing is finished.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from peps import layouts, policies, statements
from peps.actions import writing
from peps.actions.writing import Saved, Seen, digest
from peps.forms.sections import DRAFT
from peps.forms.writing import COPIED, ONWARD, USE, LastAnswer, WritingForm
from peps.layouts import FieldSpec
from peps.models import Pep, PepAnswer, PepSection, PepSetAside
from peps.policies import Standing
from peps.record import Record, begun
from peps.views import common, delegating, files
from peps.views.records import value_lines
from peps.views.sections import known, note, said_in, targets_href, whole
from virtualschool.accounts.models import User
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import LONDON, now
from virtualschool.kernel.formfields import long_date, long_moment, lower_first
from virtualschool.kernel.formpages import done
from virtualschool.kernel.verdicts import Refused, require

JSON = "application/json"
WRITER = "writer"
FILLED_IN = "Last time’s answer is in the box. It is not saved yet."


@page(policies.can_read_section, methods=("GET", "POST"), section=PepSection)
def write(request: HttpRequest, section: PepSection) -> HttpResponse:
    """Write in a section. Whoever may not is told so; words sent when the section had closed meanwhile stay in the form."""
    section = whole(section)
    at = policies.standing(request.user, section.pep)
    if request.method != "POST":
        require(policies.can_write_section(request.user, section, at))
        found = Record(section.pep)
        return _write_page(request, section, at, _form(request, section, at, found=found), found=found)
    if request.get_preferred_type(["text/html", JSON]) == JSON:
        return _as_typed(request, section, at)
    form = _form(request, section, at, _sent(request))
    if request.POST.get(USE) in form.last and policies.can_write_section(request.user, section, at):
        filled = _form(request, section, at, form.filled_in(request.POST[USE]))
        return _write_page(request, section, at, filled, told=FILLED_IN)
    if form.is_valid():
        try:
            return _save(request, section, at, form)
        except Refused as refused:
            form.add_error(None, refused.verdict.reason)
            return _write_page(request, section, at, form, status=403)
    return _write_page(request, section, at, form)


# ---------------------------------------------------------------- by the buttons


def _sent(request: HttpRequest) -> QueryDict:
    """What was posted; only the button that finishes finishes."""
    data = request.POST.copy()
    if ONWARD in data or USE in data:
        data[DRAFT] = "1"
    return data


def _save(request: HttpRequest, section: PepSection, at: Standing, form: WritingForm) -> HttpResponse:
    saved = writing.save_answers(section=section, answers=form.answers(), seen=form.seen(), by=request.user)
    if saved.set_aside or _to_settle(request.user, section, finishing=form.finishing):
        return redirect("peps:conflicts", section=section.uuid)
    if ONWARD in request.POST:
        return done(request, "Your words are saved.", _next(request.user, section, at))
    if not form.finishing:
        return done(request, "Your words are saved.", common.way_back(section.pep, at))
    writing.complete_section(section=section, by=request.user)
    return done(request, f"“{common.section_title(section)}” is finished.", _next(request.user, section, at))


def _to_settle(user: User, section: PepSection, *, finishing: bool) -> bool:
    """Whether something stands aside that has to be chosen from first: one's own, and before it is finished anybody's."""
    fields = [spec.key for spec in policies.readable_fields(user, section)]
    waiting = PepSetAside.objects.filter(section=section, field__in=fields)
    return bool((waiting if finishing else waiting.filter(by=user)).exists())


def _next(user: User, section: PepSection, at: Standing) -> str:
    """The writer's next unfinished section, else where they came from."""
    following = _following(user, section, at)
    return reverse("peps:write", args=[following.uuid]) if following else common.way_back(section.pep, at)


def _following(user: User, section: PepSection, at: Standing) -> PepSection | None:
    for other in section.pep.sections.filter(position__gt=section.position, owner=section.owner):
        other.pep = section.pep
        if policies.can_complete_section(user, other, at):
            return other
    return None


# ---------------------------------------------------------------- as it is typed


def _as_typed(request: HttpRequest, section: PepSection, at: Standing) -> JsonResponse:
    """Save what can be saved, and say what of it stands: the page goes on with the new marks of what it was shown."""
    if request.POST.get(WRITER) != str(request.user.uuid):
        words = "Somebody else has signed in here since this page was opened."
        return JsonResponse({"state": "closed", "words": words}, status=409)
    data = request.POST.copy()
    data[DRAFT] = "1"
    form = _form(request, section, at, data)
    answers, seen = form.valid_answers(), form.seen()
    try:
        saved = writing.save_answers(section=section, answers=answers, seen=seen, by=request.user)
    except Refused as refused:
        return JsonResponse({"state": "closed", "words": refused.verdict.reason}, status=403)
    labels = {spec.key: spec.label for spec in form.specs}
    return JsonResponse(
        {
            "state": "conflict" if saved.set_aside else "saved",
            "at": now().astimezone(LONDON).strftime("%H:%M"),
            "seen": _marks(section, saved, seen),
            "conflicts": [labels[aside.field] for aside in saved.set_aside],
            "left_out": {labels[key]: str(words[0]) for key, words in form.errors.items() if key in labels},
        }
    )


def _marks(section: PepSection, saved: Saved, seen: dict[str, Seen]) -> dict[str, str]:
    """What the page has now been shown of each field that it changed."""
    answers = PepAnswer.objects.filter(section=section, field__in=saved.written)
    marks = {one.field: str(Seen(one.version, digest(one.value))) for one in answers}
    for aside in saved.set_aside:
        marks[aside.field] = str(Seen(seen[aside.field].version, digest(aside.value), aside.pk))
    return marks


# ---------------------------------------------------------------- the page


def _form(
    request: HttpRequest,
    section: PepSection,
    at: Standing,
    data: QueryDict | None = None,
    *,
    found: Record | None = None,
) -> WritingForm:
    """The form. An unwritten answer begins with what the record says, where the record is ``found``."""
    answers = {answer.field: answer for answer in section.answers.all()}
    specs = [spec for spec in policies.readable_fields(request.user, section) if not _kept(spec, answers, request.user)]
    unwritten = [spec for spec in specs if spec.key not in answers]
    return WritingForm(
        data,
        begun=begun(found, unwritten) if found else {},
        specs=specs,
        answers=answers,
        last=last_answers(request.user, section, specs),
        onward=_following(request.user, section, at) is not None,
        may_finish=bool(policies.can_complete_section(request.user, section, at)),
        lines=layouts.Lines(section.pep.opened_on),
        given=statements.answered_by(section),
        cancel_href=common.way_back(section.pep, at),
    )


def last_answers(user: User, section: PepSection, specs: list[FieldSpec]) -> dict[str, LastAnswer]:
    """What the PEP before says to the same questions, of what the reader reads of it. One query."""
    if section.pep.previous_id is None:
        return {}
    before = Pep.objects.visible_to(user).filter(pk=section.pep.previous_id)
    rows = PepAnswer.objects.filter(section__pep__in=before, section__key=section.key).select_related("section__pep")
    asked, found = {spec.key: spec for spec in specs if spec.type in COPIED}, {}
    for row in rows:
        spec = asked.get(row.field)
        if spec and not layouts.empty(row.value) and _reads_of_old(user, row):
            when = lower_first(common.term_words(row.section.pep))
            found[row.field] = LastAnswer(spec, row.value, tuple(value_lines(spec, row.value)), when)
    return found


def _reads_of_old(user: User, row: PepAnswer) -> bool:
    """Whether the reader read the question as it was asked then."""
    then = layouts.of_version(row.section.pep.layout).section(row.section.key).field(row.field)
    return then is not None and user.reads(then.reads)


def _kept(spec: FieldSpec, answers: dict[str, PepAnswer], user: User) -> bool:
    """A child's words that somebody else wrote down."""
    answer = answers.get(spec.key)
    if not spec.kept_as_given or answer is None or layouts.empty(answer.value):
        return False
    return answer.written_by_id != user.pk or bool(answer.also_by)


def _write_page(
    request: HttpRequest,
    section: PepSection,
    at: Standing,
    form: WritingForm,
    *,
    status: int = 200,
    told: str = "",
    found: Record | None = None,
) -> HttpResponse:
    note(request, section)
    answers = {answer.field: answer for answer in section.answers.all()}
    kept = [spec for spec in policies.readable_fields(request.user, section) if _kept(spec, answers, request.user)]
    context = {
        "form": form,
        "heading": common.section_title(section),
        "caption": common.caption(section.pep),
        "crumbs": common.section_crumbs(section, at),
        "guidance": layouts.of_version(section.pep.layout).section(section.key).guidance,
        "returned_why": section.returned_why,
        "due": f"Due {long_date(section.due_on)}" if section.due_on else "",
        "record": known(request, section, found),
        "kept": [*said_in(request, section), *(_kept_row(spec, answers[spec.key]) for spec in kept)],
        "targets_href": targets_href(section, at),
        "files": files.of_section(request.user, section, at),
        "waiting_href": _waiting(section),
        "told": told,
        "writer": request.user.uuid,
        "conflicts_href": reverse("peps:conflicts", args=[section.uuid]),
    }
    return render(request, "peps/write.html", context | delegating.told(request.user, section, at), status=status)


def _kept_row(spec: FieldSpec, answer: PepAnswer) -> dict[str, Any]:
    by = f"As given. Written down by {answer.writers}, {long_moment(answer.written_at)}."
    return {"key": spec.label, "value": "", "lines": [*value_lines(spec, answer.value), by]}


def _waiting(section: PepSection) -> str:
    waiting = PepSetAside.objects.filter(section=section).exists()
    return reverse("peps:conflicts", args=[section.uuid]) if waiting else ""
