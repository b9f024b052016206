"""The year's form of a PEP, set by hand."""

from django.http import HttpRequest, HttpResponse

from peps.actions.form import set_form
from peps.actions.occasions import year_of
from peps.forms.planning import FormByHand
from peps.models import Pep
from peps.policies_form import can_set_form
from peps.views import common
from virtualschool.audit.pages import page
from virtualschool.kernel.formpages import done, form_page
from virtualschool.kernel.verdicts import Conflict
from virtualschool.rulebook.schoolyear import curriculum_year_words

INTRO = (
    "For a child who is taught out of year, a school without years, or a late transfer. The questions change with the year; what is "
    "written stays, and says so where the new form does not ask it."
)


@page(can_set_form, methods=("GET", "POST"), pep=Pep)
def form(request: HttpRequest, pep: Pep) -> HttpResponse:
    """Choose the year whose form the PEP has, with the reason. Chosen again, the record's own year undoes it."""
    pep = Pep.objects.select_related("child", "enrolment").get(pk=pep.pk)
    back, own = pep.get_absolute_url(), year_of(pep)
    asked = FormByHand(request.POST or None, now=pep.year_group, own=own, cancel_href=back)
    if asked.is_valid():
        try:
            changed = set_form(pep=pep, by=request.user, **asked.cleaned_data)
        except Conflict as conflict:
            asked.add_error("year", str(conflict))
        else:
            return done(request, f"The PEP has this form now: {common.form_words(changed)}.", back)
    rows = [
        {"key": "Its form now", "value": common.form_words(pep), "lines": [pep.form_why] if pep.form_why else []},
        {"key": "By the record", "value": curriculum_year_words(own)},
    ]
    caption = common.caption(pep)
    return form_page(
        request, asked, heading="Set the form by hand", caption=caption, back=back, intro=[INTRO], rows=rows
    )
