"""A section given to a colleague: to give, to take back, and what the section's pages say of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from peps import policies
from peps.actions import delegating
from peps.forms.delegating import DelegateForm
from peps.models import PepSection, SectionDelegation
from peps.views import common
from virtualschool.accounts import actions as accounts
from virtualschool.accounts.models import Organisation, User
from virtualschool.accounts.views.common import mail_link
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_moment
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.verdicts import Conflict

INTRO = (
    "They read and write this section and nothing else of the child. You still send the PEP in, "
    "and you can take the section back at any time."
)


@page(policies.can_delegate, methods=("GET", "POST"), section=PepSection)
def delegate(request: HttpRequest, section: PepSection) -> HttpResponse:
    """Name the colleague who writes the section; somebody without an account is invited."""
    section = PepSection.objects.select_related("pep__child", "pep__school__organisation").get(pk=section.pk)
    if section.pep.school is None:
        raise Conflict("This child has no school whose colleagues could be asked.")
    back = reverse("peps:write", args=[section.uuid])
    people = _colleagues(section.pep.school.organisation, request.user)
    form = DelegateForm(sent(request), colleagues=people, cancel_href=back)
    if form.is_valid():
        given = attempt(form, lambda: _give(request, section, form.cleaned_data))
        if given:
            words = f"{given.colleague.name} is asked to write “{common.section_title(section)}”."
            return done(request, words, section.pep.get_absolute_url())
    heading = f"Ask a colleague to write “{common.section_title(section)}”"
    return form_page(request, form, heading=heading, caption=common.caption(section.pep), back=back, intro=[INTRO])


@page(policies.can_withdraw, methods=("POST",), section=PepSection)
def withdraw(request: HttpRequest, section: PepSection) -> HttpResponse:
    """Take the section back from the colleague whom the page showed."""
    given = delegating.standing_delegation(section)
    if given is None or str(given.uuid) != request.POST.get("delegation"):
        raise Conflict("The section is not with this colleague any more.")
    delegating.withdraw(delegation=given, by=request.user)
    return done(request, f"The section is no longer with {given.colleague.name}.", section.pep.get_absolute_url())


def told(user: User, section: PepSection, at: policies.Standing) -> dict[str, Any]:
    """What a section's page says: to its designated teacher who has it and what to do about it, to the colleague who asked."""
    given = delegating.standing_delegation(section)
    may = bool(policies.can_delegate(user, section, at))
    found: dict[str, Any] = {
        "delegate_href": reverse("peps:delegate", args=[section.uuid]) if may else "",
        "delegate_words": "Ask a colleague to write this section" if given is None else "Ask another colleague instead",
        "asked": "",
        "asked_words": "",
        "given": "",
        "take_back": None,
    }
    if given is None:
        return found
    if given.colleague_id == user.pk:
        found["asked"] = f"{given.by.name} asks you to write this section."
        found["asked_words"] = given.words
    else:
        found["given"] = f"With {given.colleague.name} since {long_moment(given.since)}."
        found["take_back"] = _take_back(section, given) if at.own and policies.can_withdraw(user, section) else None
    return found


def _take_back(section: PepSection, given: SectionDelegation) -> dict[str, Any]:
    fields = [{"name": "delegation", "value": given.uuid}]
    return {"href": reverse("peps:withdraw", args=[section.uuid]), "fields": fields}


def _colleagues(school: Organisation, user: User) -> list[User]:
    """Everybody else with a place at the school today and an open account."""
    places = school.memberships.current().filter(user__is_active=True).exclude(user=user).select_related("user")
    return [place.user for place in places.order_by("user__name", "pk")]


def _give(request: HttpRequest, section: PepSection, given: dict[str, Any]) -> SectionDelegation:
    school = section.pep.school.organisation  # type: ignore[union-attr]
    colleague, invited = given["colleague"], given["colleague"] is None
    if invited:
        colleague = accounts.invite(
            name=given["name"], email=given["email"], role="teacher", by=request.user, colleague_at=school
        )
    made = delegating.delegate(section=section, colleague=colleague, by=request.user, words=given["words"])
    if invited:
        mail_link(request, colleague)
    return made
