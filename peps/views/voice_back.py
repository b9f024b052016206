"""You said, we did: the rows, and giving them back to the child on paper or in person."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst

from peps import policies_voice as policies
from peps.actions import voice_back as acting
from peps.enums import GivenBackHow
from peps.forms.voice import YouSaidForm
from peps.models import Pep, YouSaid
from peps.views import common
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formpages import done, form_page, sent
from virtualschool.kernel.forms import PageForm
from virtualschool.kernel.paper import Paper, Part, Row, pdf
from virtualschool.kernel.verdicts import Conflict

TITLE = "You said, we did"
CHANGED = "Somebody else changed this while you were writing. Theirs is above, yours is in the form: save to put yours in its place."


@page(policies.can_answer_child, methods=("GET", "POST"), pep=Pep)
def add(request: HttpRequest, pep: Pep) -> HttpResponse:
    """One more thing the child said, and the answer."""
    form = YouSaidForm(sent(request), cancel_href=_back(pep))
    if form.is_valid():
        acting.add_answer(pep=pep, facts=form.facts(), by=request.user)
        return done(request, "Your answer to the child is saved.", _back(pep))
    return form_page(request, form, heading=TITLE, caption=common.caption(pep), back=_back(pep))


@page(policies.can_change_answer, methods=("GET", "POST"), row=YouSaid)
def change(request: HttpRequest, row: YouSaid) -> HttpResponse:
    """Change one. What somebody else saved meanwhile is not written over: both stay in sight."""
    back, rows, status = _back(row.pep), [], 200
    begin = {"said": row.said, "outcome": row.outcome, "answer": row.answer, "seen": acting.fingerprint(row)}
    form = YouSaidForm(sent(request), initial=begin, cancel_href=back)
    if form.is_valid():
        try:
            acting.change_answer(row=row, facts=form.facts(), seen=form.cleaned_data["seen"], by=request.user)
        except Conflict:
            row = get_object_or_404(YouSaid.objects.visible_to(request.user).select_related("pep"), pk=row.pk)
            form.add_error(None, CHANGED)
            form.shows(acting.fingerprint(row))
            rows, status = _standing(row), 409
        else:
            return done(request, "Your answer to the child is saved.", back)
    caption = common.caption(row.pep)
    return form_page(request, form, heading=TITLE, caption=caption, back=back, rows=rows, status=status)


@page(policies.can_change_answer, methods=("GET", "POST"), row=YouSaid)
def remove(request: HttpRequest, row: YouSaid) -> HttpResponse:
    """Ask once, then take it out. What was given to the child stays on record."""
    if request.method == "POST":
        back = _back(row.pep)
        acting.remove_answer(row=row, by=request.user)
        return done(request, "It is taken out.", back)
    form = PageForm(cancel_href=_back(row.pep))
    form.submit_label, form.submit_kind = "Take it out", "warning"
    rows = [{"key": f"“{row.said}”", "value": row.answer}]
    return form_page(
        request, form, heading="Take this out?", caption=common.caption(row.pep), back=_back(row.pep), rows=rows
    )


@page(policies.can_give_back, methods=("POST",), pep=Pep)
def told(request: HttpRequest, pep: Pep) -> HttpResponse:
    """An adult has told the child."""
    acting.give_back(pep=pep, how=GivenBackHow.TOLD, by=request.user)
    return done(request, "That the child was told is saved.", _back(pep))


@page(policies.can_give_back, methods=("POST",), pep=Pep)
def paper(request: HttpRequest, pep: Pep) -> HttpResponse:
    """A page to hand over. It bears the child's name inside and not in the name of the file."""
    pep = Pep.objects.select_related("child").get(pk=pep.pk)
    given = acting.give_back(pep=pep, how=GivenBackHow.PAPER, by=request.user)
    access.shown(request, pep, fields=["voice"])
    answer = HttpResponse(pdf(document(pep, given.rows, request.user.name)), content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="you-said-we-did.pdf"'
    return answer


def document(pep: Pep, rows: list[dict[str, str]], maker: str) -> Paper:
    """One part for each thing that the child said."""
    outcomes = dict(YouSaid._meta.get_field("outcome").flatchoices)
    parts = [
        Part(f"{place}.", [Row("You said", [row["said"]]), Row(capfirst(outcomes[row["outcome"]]), [row["answer"]])])
        for place, row in enumerate(rows, 1)
    ]
    return Paper(
        title=f"{TITLE}: {pep.child.name}",
        caption=common.term_words(pep),
        author=settings.COUNCIL_NAME,
        made=today(),
        footer=f"For you, from {maker}. If this is not what you meant, tell us.",
        parts=parts,
    )


def _standing(row: YouSaid) -> list[dict[str, str]]:
    """What stands, in the words of the page."""
    outcome = capfirst(row.get_outcome_display())
    return [
        {"key": "You said, as it stands", "value": row.said},
        {"key": f"{outcome}, as it stands", "value": row.answer},
    ]


def _back(pep: Pep) -> str:
    return reverse("peps:voice", args=[pep.uuid])
