"""Who a child is, put right."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from children import policies
from children.actions.identity import Corrected, correct_identity, facts_of
from children.forms.identity import IdentityForm
from children.identifiers import uln_problem
from children.models import Child
from virtualschool.audit.pages import page
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.verdicts import Conflict


@page(policies.can_keep_roll_of, methods=("GET", "POST"), child=Child)
def identity(request: HttpRequest, child: Child) -> HttpResponse:
    """Names, birth, numbers and what else says who somebody is. The council's id is shown and never asked."""
    form = IdentityForm(sent(request), held=facts_of(child), cancel_href=child.get_absolute_url())
    if not form.is_valid():
        return _identity_page(request, form, child)
    seen, facts = form.cleaned_data["seen"], form.facts()
    try:
        put_right = attempt(form, lambda: correct_identity(child=child, facts=facts, seen=seen, by=request.user))
    except Conflict as stale:
        return _both(request, form, child, str(stale))
    return _said(request, put_right) if put_right else _identity_page(request, form, child)


def _identity_page(
    request: HttpRequest,
    form: IdentityForm,
    child: Child,
    *,
    rows: Sequence[dict[str, Any]] = (),
    intro: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    return form_page(
        request,
        form,
        heading="Correct identity details",
        caption=child.name,
        back=child.get_absolute_url(),
        rows=[*_beside(child), *rows],
        intro=intro,
        status=status,
    )


def _beside(child: Child) -> list[dict[str, Any]]:
    """What is known and not asked."""
    rows = {"Council’s id": child.child_id, "Former UPN": child.former_upn, "The UPN is doubted": child.upn_problem}
    return [{"key": key, "value": value} for key, value in rows.items() if value]


def _both(request: HttpRequest, form: IdentityForm, child: Child, words: str) -> HttpResponse:
    """What was typed stays in the form, beside what is saved; saving again now replaces it knowingly."""
    child.refresh_from_db()
    held = facts_of(child)
    initial = asdict(form.facts()) | {"seen": held.seen}
    again = IdentityForm(held=held, initial=initial, cancel_href=child.get_absolute_url())
    rows = [row | {"key": f"Saved meanwhile: {row['key']}"} for row in form.differing(held)]
    intro = (words, "What you typed is below and not saved yet. Put both together, then save.")
    return _identity_page(request, again, child, rows=rows, intro=intro, status=409)


def _said(request: HttpRequest, put_right: Corrected) -> HttpResponse:
    """What was doubted is kept, and said."""
    child = put_right.child
    doubts = {"upn": child.upn_problem, "uln": uln_problem(child.uln)}
    for name, problem in doubts.items():
        if problem and name in put_right.changed:
            messages.warning(request, f"The {name.upper()} is kept as you gave it. {problem}")
    words = f"The details of {child.name} are corrected." if put_right.changed else "Nothing was changed."
    return done(request, words, child.get_absolute_url())
