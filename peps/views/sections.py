"""A section: to read, to write, and to settle where two people wrote the same answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from peps import layouts, policies
from peps.actions import writing
from peps.forms.sections import DRAFT, SectionForm, SettleForm
from peps.layouts import FieldSpec
from peps.models import Pep, PepAnswer, PepSection, PepSetAside
from peps.views import common
from peps.views.reading import answer_rows
from peps.views.records import shown, value_lines
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.kernel.formpages import done
from virtualschool.kernel.verdicts import Refused, require

SET_ASIDE = "Somebody else saved the same answer while you were writing. Nothing is lost: choose which stays."


@page(policies.can_read_section, section=PepSection)
def section(request: HttpRequest, section: PepSection) -> HttpResponse:
    """What stands in the section, of what the reader's role reads."""
    section = _whole(section)
    at = policies.standing(request.user, section.pep)
    _note(request, section)
    reopen = policies.can_reopen_section(request.user, section, at)
    context = {
        "section": section,
        "heading": common.section_title(section),
        "caption": common.caption(section.pep),
        "tag": common.section_tag(section),
        "crumbs": common.crumbs(section.pep, {"text": common.section_title(section)}),
        "rows": answer_rows(request.user.role_class.reads, section),
        "guidance": layouts.of_version(section.pep.layout).section(section.key).guidance,
        "returned_why": section.returned_why,
        "write_href": reverse("peps:write", args=[section.uuid])
        if policies.can_write_section(request.user, section, at)
        else "",
        "reopen_href": reverse("peps:reopen", args=[section.uuid]) if reopen else "",
        "targets_href": _targets_href(section),
    }
    return render(request, "peps/section.html", context)


@page(policies.can_read_section, methods=("GET", "POST"), section=PepSection)
def write(request: HttpRequest, section: PepSection) -> HttpResponse:
    """Write in a section. Whoever may not is told so; words sent when the section had closed meanwhile stay in the form."""
    section = _whole(section)
    at = policies.standing(request.user, section.pep)
    if request.method != "POST":
        require(policies.can_write_section(request.user, section, at))
    form = _form(request, section, may_finish=bool(policies.can_complete_section(request.user, section, at)))
    if form.is_valid():
        try:
            return _save(request, section, form)
        except Refused as refused:
            form.add_error(None, refused.verdict.reason)
            return _write_page(request, section, form, status=403)
    return _write_page(request, section, form)


@page(policies.can_complete_section, methods=("POST",), section=PepSection)
def complete(request: HttpRequest, section: PepSection) -> HttpResponse:
    """Finish a section whose answers are there."""
    try:
        writing.complete_section(section=section, by=request.user)
    except writing.Incomplete:
        return redirect("peps:write", section=section.uuid)
    return done(request, f"“{common.section_title(section)}” is finished.", section.pep.get_absolute_url())


@page(policies.can_reopen_section, methods=("POST",), section=PepSection)
def reopen(request: HttpRequest, section: PepSection) -> HttpResponse:
    writing.reopen_section(section=section, by=request.user)
    return redirect("peps:write", section=section.uuid)


@page(policies.can_read_section, methods=("GET", "POST"), section=PepSection)
def conflicts(request: HttpRequest, section: PepSection) -> HttpResponse:
    """Both answers side by side, for whoever may write the section: the one that stands and the one that was set aside."""
    section = _whole(section)
    specs = {spec.key: spec for spec in policies.readable_fields(request.user, section)}
    asides = list(PepSetAside.objects.filter(section=section, field__in=specs).select_related("by"))
    if not asides:
        return redirect("peps:section", section=section.uuid)
    require(policies.can_write_section(request.user, section))
    _note(request, section)
    labels = {aside.pk: specs[aside.field].label for aside in asides}
    form = SettleForm(request.POST or None, asides=asides, labels=labels, cancel_href=section.pep.get_absolute_url())
    if form.is_valid():
        for aside, choice in form.choices():
            writing.settle(aside=aside, choice=choice, by=request.user)
        return done(request, "Your choices are kept.", reverse("peps:write", args=[section.uuid]))
    context = {
        "form": form,
        "heading": "Two answers to one question",
        "caption": common.caption(section.pep),
        "back": section.pep.get_absolute_url(),
        "pairs": [_pair(aside, specs[aside.field], section) for aside in asides],
        "intro": SET_ASIDE,
    }
    return render(request, "peps/conflicts.html", context)


@page(policies.can_add_section, methods=("POST",), pep=Pep)
def add_section(request: HttpRequest, pep: Pep) -> HttpResponse:
    """A section that the PEP was opened without."""
    added = writing.add_section(pep=pep, key=request.POST.get("section", ""), by=request.user)
    return done(request, f"“{common.section_title(added)}” is added.", pep.get_absolute_url())


# ---------------------------------------------------------------- steps


def _whole(section: PepSection) -> PepSection:
    """The section with its PEP, child and answers."""
    rows = PepSection.objects.select_related("pep__child", "pep__school", "completed_by")
    return rows.prefetch_related("answers__written_by").get(pk=section.pk)


def _note(request: HttpRequest, section: PepSection) -> None:
    groups = {spec.reads.value for spec in policies.readable_fields(request.user, section)}
    access.shown(request, section, fields=sorted(groups))


def _form(request: HttpRequest, section: PepSection, *, may_finish: bool) -> SectionForm:
    answers = {answer.field: answer for answer in section.answers.all()}
    specs = [spec for spec in policies.readable_fields(request.user, section) if not _kept(spec, answers, request)]
    data: QueryDict | None = request.POST if request.method == "POST" else None
    return SectionForm(
        data, specs=specs, answers=answers, may_finish=may_finish, cancel_href=section.pep.get_absolute_url()
    )


def _kept(spec: FieldSpec, answers: dict[str, PepAnswer], request: HttpRequest) -> bool:
    """A child's words that somebody else wrote down."""
    answer = answers.get(spec.key)
    if not spec.kept_as_given or answer is None or layouts.empty(answer.value):
        return False
    return answer.written_by_id != request.user.pk or bool(answer.also_by)


def _save(request: HttpRequest, section: PepSection, form: SectionForm) -> HttpResponse:
    saved = writing.save_answers(section=section, answers=form.answers(), seen=form.seen(), by=request.user)
    if saved.set_aside:
        return redirect("peps:conflicts", section=section.uuid)
    if DRAFT in request.POST or not form.finishing:
        return done(request, "Your words are saved.", section.pep.get_absolute_url())
    writing.complete_section(section=section, by=request.user)
    return done(request, f"“{common.section_title(section)}” is finished.", _next(request, section))


def _next(request: HttpRequest, section: PepSection) -> str:
    """The writer's next unfinished section, else the PEP."""
    at = policies.standing(request.user, section.pep)
    for other in section.pep.sections.filter(position__gt=section.position, owner=section.owner):
        other.pep = section.pep
        if policies.can_complete_section(request.user, other, at):
            return reverse("peps:write", args=[other.uuid])
    return section.pep.get_absolute_url()


def _write_page(request: HttpRequest, section: PepSection, form: SectionForm, status: int = 200) -> HttpResponse:
    _note(request, section)
    answers = {answer.field: answer for answer in section.answers.all()}
    kept = [spec for spec in policies.readable_fields(request.user, section) if _kept(spec, answers, request)]
    context = {
        "form": form,
        "heading": common.section_title(section),
        "caption": common.caption(section.pep),
        "crumbs": common.crumbs(section.pep, {"text": common.section_title(section)}),
        "guidance": layouts.of_version(section.pep.layout).section(section.key).guidance,
        "returned_why": section.returned_why,
        "due": f"Due {long_date(section.due_on)}" if section.due_on else "",
        "kept": [_kept_row(spec, answers[spec.key]) for spec in kept],
        "targets_href": _targets_href(section),
        "waiting_href": _waiting(request, section),
    }
    return render(request, "peps/write.html", context, status=status)


def _kept_row(spec: FieldSpec, answer: PepAnswer) -> dict[str, Any]:
    by = f"As given. Written down by {answer.writers}, {long_moment(answer.written_at)}."
    return {"key": spec.label, "value": "", "lines": [*value_lines(spec, answer.value), by]}


def _targets_href(section: PepSection) -> str:
    """Where the rows of this section are, for the two that have rows."""
    return reverse("peps:targets", args=[section.pep.uuid]) if section.key in ("targets", "last_targets") else ""


def _waiting(request: HttpRequest, section: PepSection) -> str:
    waiting = PepSetAside.objects.filter(section=section).exists()
    return reverse("peps:conflicts", args=[section.uuid]) if waiting else ""


def _pair(aside: PepSetAside, spec: FieldSpec, section: PepSection) -> dict[str, Any]:
    answer = next((one for one in section.answers.all() if one.field == aside.field), None)
    theirs = f"Stands: {answer.writers}, {long_moment(answer.written_at)}" if answer else "Nobody"
    rows = [
        {"key": theirs, "value": "", **(shown(spec, answer.value) if answer else {})},
        {"key": f"Set aside: {aside.by}, {long_moment(aside.at)}", "value": "", **shown(spec, aside.value)},
    ]
    return {"title": spec.label, "rows": rows}
