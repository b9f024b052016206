"""The ledger of lost education: of one child with every gap, and of the reader's children with totals that open their lists."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from attendance import figures
from attendance.forms.lost import LostForm, SpanForm
from attendance.lost import cohort, reckoning, words
from attendance.lost.cohort import ANY, Entry
from attendance.lost.reasons import LOST, Reason, owners_words
from attendance.lost.reckoning import Amount, Gap, Ledger
from attendance.policies import marks as policies
from attendance.policies import pictures as own
from attendance.rates import by_child
from attendance.views.common import GROUPS
from children.models import Child
from virtualschool.audit import access, log
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel import csvfiles
from virtualschool.kernel.dates import today
from virtualschool.kernel.downloads import csv_file
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.rulebook import schoolyear

NUMBERS = ("Expected", "Offered", "Attended", "Lost", "Not known")
COLUMNS = [Column("Child", header=True), Column("School"), *(Column(name, numeric=True) for name in NUMBERS)]
AS_FILTERED = Column("As filtered", numeric=True)
OF_REASON = [
    Column("Reason", header=True),
    Column("Who acts"),
    Column("School days", numeric=True),
    Column("Hours", numeric=True),
]
OF_GAP = [
    Column("When"),
    Column("Reason"),
    Column("Who acts"),
    Column("School days", numeric=True),
    Column("Hours", numeric=True),
]
NO_PLACE = "On no school’s roll"
Opens = Callable[[str], str]  # the address of what a reason counts; of everything when it is empty


@page(policies.can_read_child, child=Child)
def of_child(request: HttpRequest, child: Child) -> HttpResponse:
    """What a full-time week would have been for one child, what was offered and attended, and each gap with its owner."""
    spans = cohort.spans(today())
    form = SpanForm(request.GET or {"over": "term"}, spans=spans)
    span = spans[form.asked("over") or "term"]
    days = cohort.of_child(child, request.user, span.window)
    found, gaps = reckoning.ledger(days), reckoning.gaps(days)
    asked = request.GET.get("reason", "")
    chosen = next((one for one in Reason if one.value == asked), None)
    pages = paginate(request, [gap for gap in gaps if chosen in (None, gap.reason)])
    access.shown(request, child, fields=GROUPS)
    context = {
        "child": child,
        "form": form,
        "span": span,
        "stats": _stats(found, lambda reason: _gaps_href(child, span, reason)),
        "beside": _beside_register(child, found, span),
        "reasons": _reasons(found, lambda reason: _gaps_href(child, span, reason)),
        "gaps": table("Gaps", OF_GAP, [_gap(one) for one in pages.rows], empty="No gap", caption_hidden=True),
        "chosen": chosen.label if chosen else "",
        "pages": pages,
        "back": reverse("attendance:child", args=[child.uuid]),
        "all_href": f"?over={span.key}#gaps",
    }
    return render(request, "attendance/lost_of_child.html", context)


@page(policies.can_read)
def lost(request: HttpRequest) -> HttpResponse:
    """The reader's children, who lost most first, with the totals of the chosen time, phase and school."""
    asked = _asked(request)
    everybody = asked.entries()
    pages = paginate(request, asked.kept(everybody))
    named = Child.objects.visible_to(request.user).in_bulk([one.child_id for one in pages.rows])
    access.shown(request, [one.child_id for one in everybody], fields=GROUPS)
    whole = cohort.together(everybody)
    rows = [_row(one, named[one.child_id], asked) for one in pages.rows]
    query = request.GET.urlencode()
    context = {
        "filter": asked,
        "span": asked.span,
        "stats": _stats(whole, asked.href),
        "reasons": _reasons(whole, asked.href),
        "pages": pages,
        "total": len(everybody),
        "cut": asked.cut,
        "table": table(
            "Children", [*COLUMNS, AS_FILTERED] if asked.cut else COLUMNS, rows, empty="No child", caption_hidden=True
        ),
        "clear_href": reverse("attendance:lost"),
        "csv_href": f"{reverse('attendance:lost_file')}?{query}" if own.can_take_away(request.user) else "",
    }
    return render(request, "attendance/lost.html", context)


@page(own.can_take_away)
def file(request: HttpRequest) -> HttpResponse:
    """The list as the filter shows it, all of its pages, with the hours of each reason. Logged with every child in it."""
    asked = _asked(request)
    found = asked.kept(asked.entries())
    named = Child.objects.visible_to(request.user).in_bulk([one.child_id for one in found])
    access.shown(request, list(named), fields=GROUPS, kind=AccessKind.EXPORT)
    log.record("attendance.lost_exported", by=request.user, subject=request.user, data={"rows": len(found)})
    headings = ["Time", "Council's id", "Child", "School", "URN", "Year group"]
    headings += [f"{name}, hours" for name in NUMBERS] + [f"{capfirst(one.label)}, hours" for one in LOST]
    rows = (_file_row(one, named[one.child_id], asked) for one in found)
    return csv_file(f"lost-education-{today().isoformat()}", csvfiles.write(headings, rows))


# ---------------------------------------------------------------- what was asked


@dataclass(frozen=True)
class Asked:
    """The filter as it was understood. What is not understood shows nobody: dropping it would show more than was asked for."""

    form: LostForm
    request: HttpRequest
    span: figures.Span

    def chosen(self, name: str) -> str:
        return self.form.asked(name)

    @property
    def cut(self) -> bool:
        """Whether the list has only those who lost something for some reason."""
        return bool(self.chosen("reason") or self.chosen("owner"))

    def href(self, reason: str) -> str:
        """The list of a number: the same time, school and phase."""
        query = {"over": self.span.key, **{name: self.chosen(name) for name in ("phase", "school")}, "reason": reason}
        return f"?{urlencode({name: value for name, value in query.items() if value})}#list"

    def entries(self) -> list[Entry]:
        """Of the chosen time, phase and school."""
        if not self.form.is_valid():
            return []
        user = self.request.user
        children = cohort.children(user, phase=self.chosen("phase"), school=self.chosen("school"))
        return cohort.entries(children, user, self.span.window)

    def kept(self, found: list[Entry]) -> list[Entry]:
        """Those listed, of whom the totals are made."""
        return cohort.kept(found, reason=self.chosen("reason"), owner=self.chosen("owner"))


def _asked(request: HttpRequest) -> Asked:
    spans = cohort.spans(today())
    form = LostForm(request.GET or {"over": "term"}, spans=spans, children=figures.counted(request.user))
    return Asked(form, request, spans[form.asked("over") or "term"])


def _gaps_href(child: Child, span: figures.Span, reason: str) -> str:
    """The gaps of a reason; what was expected, offered and attended stands in the year, day by day."""
    if not reason:
        return reverse("attendance:year", args=[child.uuid])
    query = {"over": span.key} | ({} if reason == ANY else {"reason": reason})
    return f"?{urlencode(query)}#gaps"


# ---------------------------------------------------------------- what is drawn


def _stats(found: Ledger, opens: Opens) -> list[dict[str, Any]]:
    """The five sums; each opens the children, or the gaps, that it counts."""
    sums = (
        ("hours expected", found.expected, ""),
        ("hours offered", found.offered, ""),
        ("hours attended", found.attended, ""),
        ("hours lost", found.whole, ANY),
        ("hours not known: no mark", found.unknown, Reason.NO_MARK.value),
    )
    return [
        {
            "number": words.number(amount.hours),
            "label": label,
            "href": opens(reason),
            "note": f"{words.days(amount)} of full-time school",
            "tone": "bad" if reason == ANY and amount.hours else "",
        }
        for label, amount, reason in sums
    ]


def _reasons(found: Ledger, opens: Opens) -> Table:
    rows = []
    for reason, amount in found.by_reason.items():
        cells = [
            Cell(words.number(part), href=opens(reason.value), hidden=f"{name}, {reason.label}")
            for part, name in ((amount.days, "days"), (amount.hours, "hours"))
        ]
        rows.append([capfirst(reason.label), capfirst(owners_words(reason)), *cells])
    return table("Not attended, by reason", OF_REASON, rows, empty="Nothing was lost")


def _beside_register(child: Child, found: Ledger, span: figures.Span) -> str:
    """A register may be full and the education not: said where less was offered than full time."""
    marked = by_child(Child.objects.filter(pk=child.pk), {"of": span.window}).get(child.pk)
    if found.offered.hours >= found.expected.hours or not marked or not marked["of"].possible:
        return ""
    of = marked["of"]
    return (
        f"The register says {figures.percent(of.attended, of.possible)} of {of.possible} possible sessions. "
        f"Of a full-time education {words.share(found.offered, found.expected)} was offered, "
        f"and {words.share(found.attended, found.expected)} attended."
    )


def _gap(one: Gap) -> list[Any]:
    return [
        words.when(one.first, one.last),
        capfirst(one.reason.label),
        capfirst(owners_words(one.reason)),
        words.number(one.amount.days),
        words.number(one.amount.hours),
    ]


def _row(one: Entry, child: Child, asked: Asked) -> list[Any]:
    href = f"{reverse('attendance:lost_of', args=[child.uuid])}?over={asked.span.key}"
    reasons = ", ".join(reason.label for reason in one.ledger.by_reason)
    school = one.place.school if one.place else NO_PLACE
    numbers = _parts(one)
    if asked.cut:
        numbers.append(one.ledger.of(cohort.reasons_of(asked.chosen("reason"), asked.chosen("owner"))).hours)
    return [Cell(child.name, href=href, hint=capfirst(reasons)), school, *(words.number(part) for part in numbers)]


def _parts(one: Entry) -> list[Any]:
    found = one.ledger
    sums: list[Amount] = [found.expected, found.offered, found.attended, found.whole, found.unknown]
    return [amount.hours for amount in sums]


def _file_row(one: Entry, child: Child, asked: Asked) -> list[Any]:
    year = schoolyear.curriculum_year(child.date_of_birth, asked.span.window.last)
    lost = [one.ledger.lost.get(reason, reckoning.NONE).hours for reason in LOST]
    place = [one.place.school, one.place.urn] if one.place else [NO_PLACE, ""]
    told = [asked.span.words, child.child_id, child.name, *place, schoolyear.curriculum_year_words(year)]
    return [*told, *(words.number(part).replace(",", "") for part in [*_parts(one), *lost])]
