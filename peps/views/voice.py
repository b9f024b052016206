"""The child's voice for adults: what was said, asking by a link, what was done about words read the same day, and children sent no links."""

from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from children.models import Child
from peps import policies_voice as policies
from peps import statements, voice_links
from peps.actions import voice_links as linking
from peps.actions import voice_words as acting
from peps.enums import Audience, LinkPurpose
from peps.forms.voice import ConcernForm, GiveBackLinkForm, LinkForm, StopLinksForm
from peps.models import NoLinks, Pep, VoiceConcern, VoiceLink, VoiceStatement
from peps.views import common
from peps.voice.prompts import LAST_TIME
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import now
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.kernel.formpages import done, form_page, sent
from virtualschool.kernel.verdicts import require

ASK = "Ask the child, the carer or a parent"
QR_SCALE, QR_BORDER = 6, 4


@page(policies.can_read_voice, pep=Pep)
def voice(request: HttpRequest, pep: Pep) -> HttpResponse:
    """What was said, which links are about, and what became of the words."""
    pep = _whole(pep)
    access.shown(request, pep, fields=["voice"])
    gather, asking = policies.can_gather(request.user, pep), policies.may_ask(pep, Audience.CHILD, LinkPurpose.ASK)
    stopped = NoLinks.objects.current().filter(child=pep.child).select_related("set_by").first()
    context = {
        "pep": pep,
        "heading": "The child’s voice",
        "caption": common.caption(pep),
        "crumbs": common.crumbs(pep, {"text": "The child’s voice"}),
        "concerns": [_concern_card(one) for one in pep.voice_concerns.select_related("answered_by")],
        "said": [row for one in statements.of(pep) for row in statements.rows_of(one)],
        "links": [_link_row(one, may=bool(gather)) for one in pep.voice_links.select_related("made_by", "pep")],
        "ask_href": reverse("peps:voice_link", args=[pep.uuid]) if gather and asking else "",
        "refused": None if asking else {"reason": asking.reason, "source": asking.source},
        "stopped": _stopped(stopped),
        "stop_href": reverse("peps:voice_no_links", args=[pep.child.uuid])
        if policies.can_stop_links(request.user, pep.child)
        else "",
        "back": back_context(request, pep),
    }
    return render(request, "peps/voice.html", context)


@page(policies.can_make_link, methods=("GET", "POST"), pep=Pep)
def link(request: HttpRequest, pep: Pep) -> HttpResponse:
    """Ask for whom; the answer is the link, shown this once."""
    pep = _whole(pep)
    back = reverse("peps:voice", args=[pep.uuid])
    require(policies.may_ask(pep, Audience.CHILD, LinkPurpose.ASK))
    form = LinkForm(sent(request), cancel_href=back)
    if not form.is_valid():
        return form_page(request, form, heading=ASK, caption=common.caption(pep), back=back, intro=INTRO)
    given = form.cleaned_data
    made = linking.make_link(
        pep=pep, audience=given["audience"], purpose=LinkPurpose.ASK, asked_as=given["asked_as"], by=request.user
    )
    return _shown_once(request, pep, made)


@page(policies.can_give_back, methods=("POST",), pep=Pep)
def back_link(request: HttpRequest, pep: Pep) -> HttpResponse:
    """A link by which the child reads what became of their words."""
    pep = _whole(pep)
    form = GiveBackLinkForm(request.POST)
    if not form.is_valid():
        return done(request, "Press the button again.", reverse("peps:voice", args=[pep.uuid]))
    made = linking.make_link(
        pep=pep,
        audience=Audience.CHILD,
        purpose=LinkPurpose.ANSWER,
        asked_as=form.cleaned_data["asked_as"],
        by=request.user,
    )
    return _shown_once(request, pep, made)


@page(policies.can_withdraw_link, methods=("POST",), link=VoiceLink)
def withdraw(request: HttpRequest, link: VoiceLink) -> HttpResponse:
    linking.withdraw_link(link=link, by=request.user)
    return done(request, "The link is taken back.", reverse("peps:voice", args=[link.pep.uuid]))


@page(policies.can_stop_links, methods=("GET", "POST"), child=Child)
def no_links(request: HttpRequest, child: Child) -> HttpResponse:
    """Stop links for a child, or begin them again."""
    stopped = NoLinks.objects.current().filter(child=child).select_related("set_by").first()
    if stopped is not None:
        return _begin_again(request, child, stopped)
    form = StopLinksForm(sent(request), cancel_href=child.get_absolute_url())
    if form.is_valid():
        linking.stop_links(child=child, why=form.cleaned_data["why"], by=request.user)
        return done(request, "From now on this child is sent no links.", child.get_absolute_url())
    intro = ["Links that are about stop working at once. What was said by them stays."]
    return form_page(
        request, form, heading="Make no links", caption=child.name, back=child.get_absolute_url(), intro=intro
    )


@page(policies.can_read_concern, methods=("GET", "POST"), concern=VoiceConcern)
def concern(request: HttpRequest, concern: VoiceConcern) -> HttpResponse:
    """Words that have to be read today, and what was done."""
    concern = VoiceConcern.objects.select_related("pep__child", "answered_by", "link__made_by").get(pk=concern.pk)
    access.shown(request, concern, fields=["voice"])
    may = policies.can_answer_concern(request.user, concern)
    if request.method == "POST":
        require(may)
    form = ConcernForm(sent(request))
    if form.is_valid():
        acting.answer_concern(concern=concern, done=form.cleaned_data["done"], by=request.user)
        return done(request, "What was done is saved.", reverse("peps:voice", args=[concern.pep.uuid]))
    context = {
        "heading": "Words to read today",
        "caption": common.caption(concern.pep),
        "crumbs": common.crumbs(concern.pep, {"text": "Words to read today"}),
        "rows": _about(concern),
        "said": statements.answer_rows(concern.answers),
        "form": form if may and concern.answered_at is None else None,
        "refused": None if may else {"reason": may.reason, "source": may.source},
        "answered": concern.answered_at is not None,
    }
    return render(request, "peps/voice_concern.html", context)


# ---------------------------------------------------------------- parts

INTRO = (
    "Give the link to the person yourself, or let them scan the code. It works for one person, on the first phone that opens it, and "
    "only for a short time. They see in plain words who will read what they say, and that an adult is told of words about harm.",
)


def back_context(request: HttpRequest, pep: Pep) -> dict[str, Any] | None:
    """What became of the child's words, for the page of the voice; nothing before the meeting."""
    allowed = policies.can_answer_child(request.user, pep)
    rows, replies = list(pep.you_said.select_related("by")), _replies(pep)
    if not (allowed or rows or replies):
        return None
    return {
        "rows": [_you_said_row(one, may=bool(allowed)) for one in rows],
        "given": given_words(pep),
        "replies": statements.answer_rows(replies),
        "add_href": reverse("peps:you_said", args=[pep.uuid]) if allowed else "",
        "link_form": GiveBackLinkForm(action=reverse("peps:voice_back_link", args=[pep.uuid]))
        if allowed and rows and policies.may_ask(pep, Audience.CHILD, LinkPurpose.ANSWER)
        else None,
        "paper_href": reverse("peps:you_said_paper", args=[pep.uuid]) if allowed and rows else "",
        "told_href": reverse("peps:given_back", args=[pep.uuid]) if allowed and rows else "",
    }


def _replies(pep: Pep) -> list[dict[str, str]]:
    """What the child answered to it in their own words, by the next PEP's link, as it was given."""
    given = VoiceStatement.objects.filter(link__given_back__pep=pep).exclude(pep=pep)
    return [words for one in given for words in one.answers if words["key"] == LAST_TIME]


def given_words(pep: Pep) -> list[str]:
    """When and how it was given back, and what the child thought of it."""
    found = [f"{capfirst(one.get_how_display())}, {long_moment(one.at)}" for one in pep.given_back.all()]
    return [
        *found,
        *(f"The child: {one.get_face_display()}, {long_moment(one.given_at)}" for one in pep.voice_replies.all()),
    ]


def _you_said_row(row: Any, *, may: bool) -> dict[str, Any]:
    actions = [
        {"text": "Change", "href": reverse("peps:you_said_change", args=[row.uuid]), "hidden": f"“{row.said}”"},
        {"text": "Remove", "href": reverse("peps:you_said_remove", args=[row.uuid]), "hidden": f"“{row.said}”"},
    ]
    words = f"{capfirst(row.get_outcome_display())}: {row.answer}"
    return {"key": f"“{row.said}”", "value": "", "lines": [words], "actions": actions if may else []}


def _whole(pep: Pep) -> Pep:
    return Pep.objects.select_related("child", "school").get(pk=pep.pk)


def _concern_card(one: VoiceConcern) -> dict[str, Any]:
    answered = f"{one.answered_by}, {long_moment(one.answered_at)}" if one.answered_at else "Nobody has answered yet"
    return {
        "title": "Words to read today" if one.answered_at is None else "Words that were read",
        "href": reverse("peps:voice_concern", args=[one.uuid]),
        "tag": {"text": "Answered", "status": "done"}
        if one.answered_at
        else {"text": "Read today", "status": "overdue"},
        "lines": [f"Written {long_moment(one.found_at)}", answered],
    }


def _link_row(one: VoiceLink, *, may: bool) -> dict[str, Any]:
    words, live = _standing(one)
    return {
        "title": f"For the {one.get_audience_display()}, {one.get_purpose_display()}",
        "tag": words,
        "lines": [f"Made by {one.made_by}, {long_moment(one.made_at)}", f"Works until {long_moment(one.expires_at)}"],
        "withdraw": reverse("peps:voice_withdraw", args=[one.uuid]) if live and may else "",
    }


def _standing(one: VoiceLink) -> tuple[dict[str, str], bool]:
    """How far a link is, and whether there is anything to take back."""
    if one.withdrawn_at:
        return {"text": "Taken back", "status": "cancelled"}, False
    over = one.expires_at <= now() or not voice_links.works(one)
    if one.finished_at:
        return {"text": "Done", "status": "done"}, not over
    if over:
        return {"text": "Over", "status": "cancelled"}, False
    return {"text": "Opened", "status": "preparing"} if one.opened_at else {
        "text": "Not opened",
        "status": "planned",
    }, True


def _stopped(stopped: NoLinks | None) -> str:
    if stopped is None:
        return ""
    return f"No links since {long_date(stopped.start)} ({stopped.set_by}): {stopped.why}"


def _begin_again(request: HttpRequest, child: Child, stopped: NoLinks) -> HttpResponse:
    allowed = policies.can_begin_links_again(request.user, child)
    if request.method == "POST":
        require(allowed)
        linking.begin_links_again(child=child, by=request.user)
        return done(request, "Links may be made for this child again.", child.get_absolute_url())
    context = {
        "heading": "No links are made",
        "caption": child.name,
        "back": child.get_absolute_url(),
        "words": _stopped(stopped),
        "action": reverse("peps:voice_no_links", args=[child.uuid]) if allowed else "",
        "refused": None if allowed else {"reason": allowed.reason, "source": allowed.source},
    }
    return render(request, "peps/voice_stopped.html", context)


def _about(one: VoiceConcern) -> list[dict[str, Any]]:
    about = sorted({words for found in one.found.values() for words in found})
    rows: list[dict[str, Any]] = [
        {"key": "Written by", "value": capfirst(one.get_audience_display()), "lines": [long_moment(one.found_at)]},
        {"key": "Link made by", "value": str(one.link.made_by)},
        {"key": "May be about", "value": "", "lines": about},
    ]
    if one.answered_at:
        rows.append(
            {"key": "What was done", "value": one.done, "lines": [f"{one.answered_by}, {long_moment(one.answered_at)}"]}
        )
    return rows


def _shown_once(request: HttpRequest, pep: Pep, made: linking.Made) -> HttpResponse:
    """The link in letters and as a code. It is in no address and in no session: this answer alone holds it."""
    base = settings.VS_BASE_URL or request.build_absolute_uri("/").rstrip("/")
    address = f"{base}{reverse('voice:start', args=[made.token])}"
    context = {
        "pep": pep,
        "heading": "The link, shown this once",
        "caption": common.caption(pep),
        "crumbs": common.crumbs(pep, {"text": "The link"}),
        "for_whom": made.link.get_audience_display(),
        "until": made.link.expires_at,
        "address": address,
        "code": segno.make(address, error="m").svg_data_uri(scale=QR_SCALE, border=QR_BORDER),
        "back_href": reverse("peps:voice", args=[pep.uuid]),
    }
    return render(request, "peps/voice_link.html", context)
