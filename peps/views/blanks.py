"""Forms to write on by hand: of a phase, or with the questions that one PEP is asked."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from peps import blanks, policies
from peps.forms.blanks import BlankForm
from peps.models import Pep
from peps.views.papers import EVERY, download
from virtualschool.audit.pages import page
from virtualschool.kernel.formpages import form_page, sent
from virtualschool.kernel.paper import pdf

INTRO = ("A blank form with just the questions of one child’s PEP is on the page that makes that PEP into a PDF.",)


@page(policies.can_list, methods=("GET", "POST"))
def blank(request: HttpRequest) -> HttpResponse:
    """An empty form of a phase, with room to write: no child's, so no child is named."""
    form = BlankForm(sent(request))
    if not form.is_valid():
        return form_page(request, form, heading="Blank PEP to print", back=reverse("peps:list"), intro=INTRO)
    occasion = form.occasion
    made = blanks.of_occasion(occasion, every=form.cleaned_data["every"])
    return download(pdf(made), f"pep-blank-{occasion.phase}-{occasion.kind}.pdf")


@page(policies.can_read, pep=Pep)
def blank_of(request: HttpRequest, pep: Pep) -> HttpResponse:
    """The questions of this PEP that its reader reads, without an answer, a fact or the child's name."""
    made = blanks.of_pep(pep, request.user.role_class.reads, every=request.GET.get("questions") == EVERY)
    return download(pdf(made), f"pep-blank-{pep.phase}-{pep.kind}.pdf")
