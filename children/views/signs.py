"""How often each sign fired in a term, by group, and the alerts behind each figure that may be shown."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from children import signfigures
from children.checks.signals import PREFIX, SIGNALS
from children.forms.signs import SignsForm
from children.policies import watch as policies
from children.signfigures import ALL, CARE, KINDS, Picture, Tally
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.rulebook import rules
from virtualschool.rulebook.rules import InForce

HIDDEN = "Not shown"


@page(policy=policies.can_read_signs)
def signs(request: HttpRequest) -> HttpResponse:
    """Signs by term and group; a figure of few children is hidden, and each other one opens its list."""
    terms = signfigures.terms(today())
    form = SignsForm(request.GET, terms=terms)
    asked = form.cleaned_data if form.is_valid() else {}
    term, kind = asked.get("term") or next(iter(terms)), asked.get("by") or next(iter(KINDS))
    found = signfigures.picture(request.user, terms[term], kind)
    context = {
        "form": SignsForm({"term": term, "by": kind}, terms=terms),
        "table": _table(found, f"?term={term}&by={kind}"),
        "least": rules.get(signfigures.LEAST, on=terms[term].start),
    }
    return render(request, "alerts/signs.html", context)


@page(policy=policies.can_read_signs)
def sign(request: HttpRequest, sign: str) -> HttpResponse:
    """The alerts that a figure counts; none where the figure is hidden."""
    terms = signfigures.terms(today())
    term, kind = request.GET.get("term", next(iter(terms))), request.GET.get("by", next(iter(KINDS)))
    if sign not in SIGNALS or term not in terms or kind not in KINDS:
        raise Http404
    found = signfigures.picture(request.user, terms[term], kind)
    tally = found.tallies.get((sign, request.GET.get("group", ALL)))
    if tally is None:
        raise Http404
    rows = signfigures.alerts_of(request.user, tally, terms[term])
    pages = paginate(request, rows.none() if tally.figure.hidden else rows)
    access.shown(request, pages.rows, kind=AccessKind.LIST)
    context = {
        "heading": _words(rules.find(PREFIX + sign, on=today()), sign),
        "caption": f"{terms[term]}: {found.groups[tally.group].lower()}",
        "back": f"{reverse('watch:signs')}?term={term}&by={kind}",
        "hidden": tally.figure.hidden,
        "pages": pages,
        "table": _listed(pages.rows),
    }
    return render(request, "alerts/sign.html", context)


def _table(found: Picture, query: str) -> Table:
    columns = [Column("Sign", header=True), Column("Times", numeric=True)]
    columns += [Column(words, numeric=True) for words in found.groups.values()]
    base = [Cell("Children in care"), "", *(_cell(found.tallies[CARE, group], "") for group in found.groups)]
    in_force = rules.pack(today(), PREFIX)
    rows = [_row(found, name, in_force.find(PREFIX + name), query) for name in SIGNALS]
    return table("Signs by group", columns, [base, *rows], caption_hidden=True)


def _row(found: Picture, name: str, rule: InForce | None, query: str) -> list[Any]:
    cells = [_cell(found.tallies[name, group], query) for group in found.groups]
    times = HIDDEN if found.tallies[name, ALL].figure.hidden else str(found.times[name])
    off = None if rule and rule.value["on"] else {"text": "off", "colour": "grey"}
    return [Cell(_words(rule, name), href=reverse("rulebook:detail", args=[PREFIX + name]), tag=off), times, *cells]


def _cell(tally: Tally, query: str) -> Cell:
    """How many children, of how many, with its list; nothing of it where it is hidden."""
    figure = tally.figure
    if figure.count is None:
        return Cell(HIDDEN)
    share = f"{100 * figure.count / figure.out_of:.0f}%" if figure.count and figure.out_of else ""
    if not (figure.count and query):
        return Cell(str(figure.count), hint=share)
    href = f"{reverse('watch:sign', args=[tally.sign])}{query}&group={tally.group}"
    return Cell(str(figure.count), href=href, hint=share)


def _words(rule: InForce | None, name: str) -> str:
    """As its rule says it, without the word for what it is."""
    words = rule.words.removeprefix("Sign: ") if rule else name
    return words[:1].upper() + words[1:]


def _listed(rows: Any) -> Table:
    columns = [Column("Child"), Column("Fact"), Column("Opened"), Column("Answer")]
    drawn = [
        [
            Cell(one.child.name, href=one.child.get_absolute_url()),
            Cell(one.evidence.get("sentence", ""), href=one.get_absolute_url()),
            long_date(one.opened_on),
            one.get_answer_display().capitalize() or "Waiting",
        ]
        for one in rows
    ]
    return table("Alerts", columns, drawn, empty="No alert", caption_hidden=True)
