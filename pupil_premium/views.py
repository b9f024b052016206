"""Lines and their release; the books, an entry, its reversal, and a year's grant."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst

from children.models import Child
from pupil_premium import actions, books, policies
from pupil_premium.enums import AccountKind, ReleaseState
from pupil_premium.filters import ReleaseFilter
from pupil_premium.forms import GrantForm, ReverseForm
from pupil_premium.models import Entry, GrantYear, Release
from pupil_premium.money import financial_year
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.money import pounds
from virtualschool.kernel.pagination import Pages, paginate
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.rulebook import schoolyear
from virtualschool.rulebook.enums import TermName

STATUS = {ReleaseState.RELEASABLE: "waiting", ReleaseState.RELEASED: "done", ReleaseState.REVERSED: "cancelled"}
LINE_COLUMNS = [
    Column("Line"),
    Column("Child"),
    Column("School"),
    Column("Term"),
    Column("Amount", numeric=True),
    Column("State"),
]
ENTRY_COLUMNS = [Column("Entry"), Column("Date"), Column("School"), Column("Amount", numeric=True), Column("By")]


@page(policy=policies.can_read_lines)
def lines(request: HttpRequest) -> HttpResponse:
    """Lines agreed in PEPs, those that wait for release first."""
    rows = Release.objects.visible_to(request.user)
    found = ReleaseFilter(request.GET, queryset=rows)
    chosen = found.qs if found.is_valid() else rows.none()
    related = chosen.select_related("cost", "child", "school", "pep").order_by("state", "-releasable_on", "-id")
    pages = paginate(request, related)
    access.shown(request, pages.rows, fields=[FieldGroup.MONEY])
    drawn = [_line_row(line) for line in pages.rows]
    context = {
        "filter": found,
        "pages": pages,
        "total": rows.count(),
        "clear_href": request.path,
        "table": table("Lines", LINE_COLUMNS, drawn, empty="No line matches", caption_hidden=True),
        "reads_books": bool(policies.can_read_books(request.user)),
    }
    return render(request, "pupil_premium/lines.html", context)


@page(policy=policies.can_read_line, release=Release)
def line(request: HttpRequest, release: Release) -> HttpResponse:
    """One line: what was agreed for which target, and its release or what stands against it."""
    access.shown(request, release, fields=[FieldGroup.MONEY])
    allowed = policies.can_release(request.user, release)
    waits = release.state == ReleaseState.RELEASABLE
    pay = {"text": "Release to the school", "action": reverse("pupil_premium:pay", args=[release.uuid])}
    refused = {"text": "Release to the school", "reason": allowed.reason, "source": allowed.source}
    context = {
        "release": release,
        "rows": _line_rows(release, request.user),
        "actions": [pay] if waits and allowed else [],
        "refused": [refused] if waits and not allowed else [],
    }
    return render(request, "pupil_premium/line.html", context)


@page(policy=policies.can_read_line, methods=("POST",), release=Release)
def pay(request: HttpRequest, release: Release) -> HttpResponse:
    """Release a line, once."""
    actions.release(release=release, by=request.user)
    messages.success(request, "Released to the school.")
    return redirect(release)


@page(policy=policies.can_read_books)
def books_page(request: HttpRequest) -> HttpResponse:
    """A year's accounts and its journal."""
    years = list(GrantYear.objects.visible_to(request.user).order_by("-year"))
    year = _chosen(years, request.GET.get("year", ""))
    pages = _journal(request, year)
    access.shown(request, [entry for entry in pages.rows if entry.child_id], fields=[FieldGroup.MONEY])
    context = {
        "year": year,
        "years": [{"text": str(one), "href": f"?year={one.year}", "active": one == year} for one in years],
        "accounts": _accounts(year),
        "trial_balance": pounds(books.trial_balance()),
        "pages": pages,
        "entries": table(
            "Journal", ENTRY_COLUMNS, [_entry_row(one) for one in pages.rows], empty="Nothing is entered yet"
        ),
        "may_open": bool(policies.can_open_year(request.user)),
    }
    return render(request, "pupil_premium/books.html", context)


@page(policy=policies.can_read_entry, entry=Entry)
def entry(request: HttpRequest, entry: Entry) -> HttpResponse:
    """One entry of the journal and its postings."""
    may_reverse = policies.can_reverse(request.user, entry)
    href = reverse("pupil_premium:reverse", args=[entry.uuid])
    context = {
        "entry": entry,
        "rows": _entry_rows(entry, request.user),
        "postings": _postings(entry),
        "actions": [{"text": "Reverse this entry", "href": href, "kind": "secondary"}] if may_reverse else [],
        "refused": []
        if may_reverse
        else [{"text": "Reverse this entry", "reason": may_reverse.reason, "source": may_reverse.source}],
    }
    return render(request, "pupil_premium/entry.html", context)


@page(policy=policies.can_reverse, methods=("GET", "POST"), entry=Entry)
def reverse_entry(request: HttpRequest, entry: Entry) -> HttpResponse:
    form = ReverseForm(request.POST or None, cancel_href=entry.get_absolute_url())
    if form.is_valid():
        made = actions.reverse_entry(entry=entry, by=request.user, **form.cleaned_data)
        messages.success(request, "Reversed. Both entries stay in the journal.")
        return redirect(made)
    return render(request, "pupil_premium/reverse.html", {"entry": entry, "form": form, "postings": _postings(entry)})


@page(policy=policies.can_open_year, methods=("GET", "POST"))
def open_year(request: HttpRequest) -> HttpResponse:
    """Enter a year's grant."""
    form = GrantForm(request.POST or None, cancel_href=reverse("pupil_premium:books"))
    if form.is_valid():
        opened = actions.open_grant_year(year=form.cleaned_data["year"], amount_pence=form.pence, by=request.user)
        messages.success(request, f"The grant for {opened} is entered.")
        return redirect(f"{reverse('pupil_premium:books')}?year={opened.year}")
    return render(request, "pupil_premium/open_year.html", {"form": form})


def _line_row(one: Release) -> list[Any]:
    return [
        Cell(one.cost.item, href=one.get_absolute_url()),
        Cell(one.child.name, href=one.child.get_absolute_url()),
        one.school.name if one.school else "No school",
        _term(one),
        pounds(one.amount_pence),
        Cell("", tag={"text": one.get_state_display(), "status": STATUS[ReleaseState(one.state)]}),
    ]


def _term(one: Release) -> str:
    return f"{TermName(one.pep.term).label} {schoolyear.year_words(one.pep.academic_year)}"


def _line_rows(one: Release, user: User) -> list[dict[str, Any]]:
    cost = one.cost
    how = f"{cost.sessions_a_week} a week for {cost.weeks} weeks at {pounds(cost.price_pence)}"
    rows = [
        {"key": "Child", "value": one.child.name, "href": one.child.get_absolute_url()},
        {"key": "School", "value": one.school.name if one.school else "", "missing": "No school"},
        *_of_pep(one, user),
        {"key": "Amount", "value": pounds(one.amount_pence), "lines": [how]},
        {
            "key": "State",
            "value": "",
            "tag": {"text": one.get_state_display(), "status": STATUS[ReleaseState(one.state)]},
        },
        {"key": "Agreed", "value": f"{one.agreed_by.name}, {long_date(one.releasable_on)}"},
    ]
    if one.released_on:
        by = one.released_by.name if one.released_by else "by the rule, at approval"
        released = {"key": "Released", "value": f"{by}, {long_date(one.released_on)}"}
        if one.entry and policies.can_read_books(user):
            released["href"] = one.entry.get_absolute_url()
        rows.append(released)
    return rows


def _of_pep(one: Release, user: User) -> list[dict[str, Any]]:
    """The PEP and the target, for a role that reads PEPs; the term alone for others."""
    if not user.reads(FieldGroup.PEP):
        return [{"key": "Term", "value": _term(one)}]
    return [
        {"key": "PEP", "value": _term(one), "href": one.pep.get_absolute_url()},
        {"key": "Target", "value": one.cost.target.goal},
    ]


def _chosen(years: Sequence[GrantYear], asked: str) -> GrantYear | None:
    """The year asked for, else this financial year, else the newest."""
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else financial_year(today())
    return next((one for one in years if one.year == wanted), years[0] if years else None)


def _journal(request: HttpRequest, year: GrantYear | None) -> Pages:
    rows = Entry.objects.visible_to(request.user).filter(grant_year=year).select_related("school", "by")
    return paginate(request, rows.prefetch_related("postings"))


def _accounts(year: GrantYear | None) -> Table:
    sums = books.balances(year) if year else {}
    rows = [[capfirst(account.label), pounds(sums[account.value])] for account in AccountKind if year]
    return table(
        "Accounts", [Column("Account"), Column("Balance", numeric=True)], rows, empty="No grant is entered yet"
    )


def _entry_row(one: Entry) -> list[Any]:
    amount = sum(posting.amount_pence for posting in one.postings.all() if posting.amount_pence > 0)
    return [
        Cell(one.words, href=one.get_absolute_url()),
        long_date(one.on),
        one.school.name if one.school else "",
        pounds(amount),
        one.by.name if one.by else "by rule",
    ]


def _entry_rows(one: Entry, user: User) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"key": "Date", "value": long_date(one.on)},
        {"key": "Grant year", "value": str(one.grant_year)},
        {"key": "By", "value": one.by.name if one.by else "by rule"},
    ]
    # The books outlive a child's time on the roll; whoever no longer reaches the child reads the money and not for whom.
    reached = Child.objects.visible_to(user).filter(pk=one.child_id).exists()
    if one.child and reached:
        rows.append({"key": "For a target of", "value": one.child.name, "href": one.child.get_absolute_url()})
    if one.school:
        rows.append({"key": "School", "value": one.school.name})
    if one.pep and reached and user.reads(FieldGroup.PEP):
        rows.append({"key": "PEP", "value": str(one.pep), "href": one.pep.get_absolute_url()})
    if one.reverses:
        rows.append({"key": "Reverses", "value": one.reverses.words, "href": one.reverses.get_absolute_url()})
    opposite = getattr(one, "reversed_by", None)
    if opposite:
        rows.append({"key": "Reversed by", "value": opposite.words, "href": opposite.get_absolute_url()})
    return rows


def _postings(one: Entry) -> Table:
    rows = [
        [capfirst(AccountKind(posting.account).label), pounds(posting.amount_pence)] for posting in one.postings.all()
    ]
    return table("Postings", [Column("Account"), Column("Amount", numeric=True)], rows)
