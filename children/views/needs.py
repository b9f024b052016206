"""Special educational needs of a child."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse

from children import policies
from children.actions import needs
from children.forms.needs import NeedForm
from children.models import Child, SenRecord
from virtualschool.audit.pages import page
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.verdicts import Conflict


@page(policies.can_record_need, methods=("GET", "POST"), child=Child)
def need(request: HttpRequest, child: Child) -> HttpResponse:
    """The child's status from a date, with the needs and the plan that belong to it."""
    known = needs.present(child)
    form = NeedForm(sent(request), known=known, cancel_href=child.get_absolute_url())
    if not form.is_valid():
        return _need_page(request, form, child, known)
    start, facts, seen = form.cleaned_data["start"], form.facts(), form.cleaned_data["seen"]
    try:
        recorded = attempt(
            form, lambda: needs.record_need(child=child, start=start, facts=facts, seen=seen, by=request.user)
        )
    except Conflict as stale:
        typed = asdict(facts) | {"start": start}
        return _both(request, child, typed, str(stale))
    if recorded:
        return done(request, "The special educational needs are recorded.", child.get_absolute_url())
    return _need_page(request, form, child, known)


def _need_page(
    request: HttpRequest,
    form: NeedForm,
    child: Child,
    known: SenRecord | None,
    *,
    intro: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    return form_page(
        request,
        form,
        heading="Record special educational needs",
        caption=child.name,
        back=child.get_absolute_url(),
        intro=intro,
        rows=form.recorded(known) if known else (),
        status=status,
    )


def _both(request: HttpRequest, child: Child, typed: dict[str, object], words: str) -> HttpResponse:
    """What was typed stays in the form, beside what is recorded; recording it now replaces that knowingly."""
    known = needs.present(child)
    initial = typed | {"seen": needs.seen_of(known)}
    again = NeedForm(known=known, initial=initial, cancel_href=child.get_absolute_url())
    intro = (words, "What you typed is below and not recorded yet. What is recorded now stands above it.")
    return _need_page(request, again, child, known, intro=intro, status=409)
