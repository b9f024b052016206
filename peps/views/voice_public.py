"""The pages of a link: for somebody without an account, on the first device that opens it.

A link that does not exist, does not work any more or belongs to another device answers with one and the same page. Opening an
address changes nothing, so a program that looks at links in messages uses none up.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from peps import voice_links
from peps.actions import voice_links as linking
from peps.actions import voice_words as acting
from peps.actions.voice_words import Closed
from peps.enums import Audience, Face, LinkPurpose, WhatWeDid
from peps.forms.voice import AnswerForm
from peps.models import VoiceLink
from peps.statements import answer_rows
from peps.voice import prompts
from peps.voice.prompts import LAST_TIME, Prompt
from virtualschool.accounts import limits
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict
from virtualschool.rulebook import rules

SALT = "peps.voice"
COOKIE, PATH = "voice_", "/say/"
NOT_HERE = 404
# The origin alone, so that the secret of the first address is told to nobody; a form still says where it comes from.
REFERRER = "strict-origin"
FACES = (("ok", Face.OK, "This is OK"), ("sad", Face.NOT_MEANT, "This is not what I meant"))


@page(public=True, methods=("GET", "POST"))
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link leads: a button, which binds the link to this device."""
    if limits.missed_too_often(request):
        return limits.too_many(request)
    link = voice_links.by_token(token)
    device = _device(request, link.uuid.hex) if link else ""
    if link is None or (link.opened_at is not None and not voice_links.bound_to(link, device)):
        return _closed(request)
    if link.opened_at is not None:
        return _to(link, "about")
    if request.method != "POST":
        return _page(request, "start", link, {"heading": "Hello"})
    opened = linking.open_link(token=token, device=device)
    if opened is None:
        return _closed(request)
    acting.read_back(link=opened[0])
    return _remember(_to(opened[0], "about"), *opened)


@page(public=True)
def about(request: HttpRequest, link: str) -> HttpResponse:
    """Before anything: who reads it, what may happen, whom to call, and that nothing has to be answered."""
    found = _found(request, link)
    if found is None:
        return _closed(request)
    if found.purpose == LinkPurpose.ANSWER:
        return _to(found, "answer")
    if found.finished_at is not None:
        return _to(found, "done")
    version = prompts.versions()[found.prompts]
    number = len(acting.questions(found))
    context = {
        "heading": "Before you start",
        "readers": version.who_reads(),
        "number": number,
        "first_href": _href(found, "question", 1),
    }
    return _page(request, "about", found, context)


@page(public=True, methods=("GET", "POST"))
def question(request: HttpRequest, link: str, step: int) -> HttpResponse:
    """One question, saved before the next is shown."""
    found = _found(request, link, LinkPurpose.ASK)
    asked = acting.questions(found) if found else ()
    if found is None or not 0 < step <= len(asked):
        return _closed(request)
    if found.finished_at is not None:
        return _to(found, "done")
    prompt = asked[step - 1]
    form = AnswerForm(request.POST if request.method == "POST" else None, prompt=prompt)
    if form.is_valid():
        try:
            acting.save_answer(
                handle=link, device=_device(request, link), key=prompt.key, value=form.cleaned_data["answer"]
            )
        except Closed:
            return _closed(request)
        return _to(found, "question", step + 1) if step < len(asked) else _to(found, "check")
    return _question_page(request, found, form, prompt, step, len(asked))


@page(public=True, methods=("GET", "POST"))
def check(request: HttpRequest, link: str) -> HttpResponse:
    """All of it once more, and the button that gives it."""
    found = _found(request, link, LinkPurpose.ASK)
    if found is None:
        return _closed(request)
    if request.method == "POST":
        try:
            return _to(acting.give(handle=link, device=_device(request, link)), "done")
        except Closed:
            return _closed(request)
        except Conflict:
            return _check_page(request, found, "You have not written or chosen anything yet.")
    return _to(found, "done") if found.finished_at is not None else _check_page(request, found)


@page(public=True)
def done(request: HttpRequest, link: str) -> HttpResponse:
    """Thanks, and what was said, to read again until the link ends."""
    found = _found(request, link, LinkPurpose.ASK)
    if found is None:
        return _closed(request)
    if found.finished_at is None:
        return _to(found, "about")
    context = {"heading": "Thank you", "rows": answer_rows(found.statement.answers), "until": found.expires_at}
    return _page(request, "done", found, context)


@page(public=True, methods=("GET", "POST"))
def answer(request: HttpRequest, link: str) -> HttpResponse:
    """What became of the child's words, as it was when they opened it; and a face."""
    found = _found(request, link, LinkPurpose.ANSWER)
    if found is None:
        return _closed(request)
    face = request.POST.get("face", "")
    if request.method == "POST" and face in Face.values:
        try:
            acting.reply(handle=link, device=_device(request, link), face=face)
        except Closed:
            return _closed(request)
        return _to(found, "answer")
    context = {
        "heading": "You said, we did",
        "rows": _in_words(found.given_back.rows),
        "faces": [{"picture": picture, "value": value.value, "label": words} for picture, value, words in FACES],
        "chosen": next((w for _, v, w in FACES if found.finished_at and v == found.reply.face), ""),
        "error": "Please choose a face" if request.method == "POST" else "",
    }
    return _page(request, "answer", found, context)


# ---------------------------------------------------------------- steps


def _in_words(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """What the child said and what became of it, as it was given back."""
    return [row | {"outcome": str(WhatWeDid(row["outcome"]).label)} for row in rows]


def _found(request: HttpRequest, handle: str, purpose: str = "") -> VoiceLink | None:
    """The link of this device, when it works now."""
    link = voice_links.of_device(handle, _device(request, handle))
    return link if link is not None and purpose in ("", link.purpose) else None


def _device(request: HttpRequest, handle: str) -> str:
    """What the device was given when it opened the link."""
    return request.get_signed_cookie(f"{COOKIE}{handle}", default="", salt=SALT) or ""


def _remember(response: HttpResponse, link: VoiceLink, secret: str) -> HttpResponse:
    response.set_signed_cookie(
        f"{COOKIE}{link.uuid.hex}",
        secret,
        salt=SALT,
        max_age=int((link.expires_at - now()).total_seconds()),
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _href(link: VoiceLink, name: str, *more: int) -> str:
    return reverse(f"voice:{name}", args=[link.uuid.hex, *more])


def _to(link: VoiceLink, name: str, *more: int) -> HttpResponse:
    return _quiet(redirect(_href(link, name, *more)))


def _quiet(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = REFERRER
    return response


def _page(request: HttpRequest, name: str, link: VoiceLink, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the link, with the numbers to call and whether an adult has been asked to read it today."""
    frame = {
        "for_child": link.audience == Audience.CHILD,
        "numbers": rules.value("voice.numbers", on=today()),
        "told": link.concerns.exists(),
    }
    return _quiet(render(request, f"peps/voice/{name}.html", frame | context, status=status))


def _closed(request: HttpRequest) -> HttpResponse:
    """The one answer to everything that does not open here, whatever the reason. Too many of them, and no more are looked at."""
    if limits.missed(request):
        return limits.too_many(request)
    context = {"heading": "This link does not open here", "numbers": rules.value("voice.numbers", on=today())}
    return _quiet(render(request, "peps/voice_closed.html", context, status=NOT_HERE))


def _question_page(
    request: HttpRequest, link: VoiceLink, form: AnswerForm, prompt: Prompt, step: int, last: int
) -> HttpResponse:
    typed = request.POST.get("answer", "") if request.method == "POST" else link.draft.get(prompt.key, "")
    back = _href(link, "question", step - 1) if step > 1 else _href(link, "about")
    context = {
        "heading": prompt.ask,
        "prompt": prompt,
        "last_time": _in_words(acting.told_back(link)) if prompt.key == LAST_TIME else [],
        "step": step,
        "last": last,
        "typed": typed,
        "back": back,
        "error": "; ".join(str(one) for one in form.errors.get("answer", ())),
    }
    return _page(request, "question", link, context)


def _check_page(request: HttpRequest, link: VoiceLink, error: str = "") -> HttpResponse:
    said = {one["key"]: one["words"] for one in acting.said(link)}
    rows = [
        {
            "key": prompt.ask,
            "value": "",
            "lines": [line for line in said.get(prompt.key, "").split("\n") if line.strip()],
            "missing": "" if prompt.key in said else "You left this out",
            "actions": [{"text": "Change", "href": _href(link, "question", place), "hidden": f"“{prompt.ask}”"}],
        }
        for place, prompt in enumerate(acting.questions(link), 1)
    ]
    return _page(request, "check", link, {"heading": "Is this what you want to say?", "rows": rows, "error": error})
