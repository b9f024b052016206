"""Verbs of the Pupil Premium Plus books. An entry happens once, by its key; a line is released once, by its row's lock."""

from datetime import date

from django.db import transaction

from peps.models import Pep, PepCost
from pupil_premium import books, policies, workflow
from pupil_premium.enums import AccountKind
from pupil_premium.models import Entry, GrantYear, Release
from pupil_premium.money import financial_year
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.jobs import events
from virtualschool.kernel.dates import today
from virtualschool.kernel.money import pounds
from virtualschool.kernel.verdicts import ALLOW, Conflict, Verdict, require
from virtualschool.rulebook import rules

A = AccountKind


@transaction.atomic
def open_grant_year(*, year: int, amount_pence: int, by: User, on: date | None = None) -> GrantYear:
    """Enter a financial year's grant, keep the council's share of it for work with many children, commit what waits for it.

    Args:
        year: the year it starts in: 2026 for 1 April 2026 to 31 March 2027.

    Raises:
        Refused: for anybody but the Virtual School Head.
        Conflict: when it has been entered.
    """
    require(policies.can_open_year(by))
    on = on or today()
    opened, _ = GrantYear.objects.get_or_create(year=year)
    locked = GrantYear.objects.select_for_update(of=("self",)).get(pk=opened.pk)
    if books.balances(locked)[A.GRANT]:
        raise Conflict(f"The grant for {locked} has been entered. Reverse the entry if the amount was wrong.")
    _enter_grant(locked, amount_pence, on, by)
    for line in Release.objects.releasable().select_related("child", "school", "pep", "cost"):
        if financial_year(line.releasable_on) == year:
            _commit_if_there(line, locked, on, by)
    log.record("grant.entered", by=by, subject=locked, data={"pence": amount_pence})
    return locked


@transaction.atomic
def make_releasable(*, pep: Pep, by: User | None) -> list[Release]:
    """One line for each agreed cost of an approved PEP, once however often it is asked; released at once where the rule says so.

    Returns:
        the lines that are new.
    """
    on = pep.completed_on or today()
    costs = PepCost.objects.filter(target__pep=pep, agreed=True, release__isnull=True).order_by("pk")
    years = books.lock_years(financial_year(on), financial_year(today()))
    lines = []
    for cost in costs.select_for_update(of=("self",)):
        line, new = Release.objects.get_or_create(
            cost=cost,
            defaults={
                "child": pep.child,
                "school": pep.school,
                "pep": pep,
                "amount_pence": cost.total_pence,
                "agreed_by_id": cost.agreed_by_id,
                "releasable_on": on,
            },
        )
        if new:
            lines.append(_made(line, years.get(financial_year(on)), on, by))
    if rules.value(policies.MODE, on=on) == policies.AT_APPROVAL:
        for line in lines:
            release_if_allowed(release=line, by=by)
    return lines


@transaction.atomic
def release(*, release: Release, by: User, on: date | None = None) -> Release:
    """Release a line to its school: one posting, once.

    Raises:
        Refused: with the rule that stands against it.
        Conflict: when it has been released already.
    """
    on = on or today()
    years, line = _locked(release, on)
    workflow.RELEASE.target(line.state, "release")
    require(policies.can_release(by, line, on))
    return _release(line, years, on, by)


@transaction.atomic
def release_if_allowed(*, release: Release, by: User | None, on: date | None = None) -> Verdict:
    """Release a line because its PEP was approved. Where something stands against it the line waits, and the log says for what."""
    on = on or today()
    years, line = _locked(release, on)
    verdict = policies.can_be_released(line, on)
    if verdict and workflow.RELEASE.allows(line.state, "release"):
        _release(line, years, on, by)
        return ALLOW
    log.record("release.waits", by=by, subject=line, why=verdict.reason, data={"source": verdict.source})
    return verdict


@transaction.atomic
def reverse_entry(*, entry: Entry, reason: str, by: User) -> Entry:
    """Reverse an entry by its opposite, in the same grant year, dated today. What a release had committed is free again.

    Raises:
        Refused: by role, or for an entry that is not reversed.
        ValueError: without a reason.
    """
    year = GrantYear.objects.select_for_update(of=("self",)).get(pk=entry.grant_year_id)
    require(policies.can_reverse(by, entry))
    if not reason.strip():
        raise ValueError("A reversal has a reason.")
    opposite = {AccountKind(one.account): -one.amount_pence for one in entry.postings.all()}
    about = {"child": entry.child, "school": entry.school, "pep": entry.pep, "reverses": entry}
    words = f"Reversed: {entry.words}"[:200]
    made = books.post(key=f"reverse:{entry.uuid}", year=year, on=today(), words=words, amounts=opposite, by=by, **about)
    line = Release.objects.select_for_update(of=("self",)).filter(entry=entry).first()
    if line is not None:
        _take_back(line, year, by)
    log.record("entry.reversed", by=by, subject=entry, child=entry.child_id, why=reason, data={"by_entry": made.pk})
    return made


def _enter_grant(year: GrantYear, pence: int, on: date, by: User) -> None:
    """The grant and what is kept of it. After a reversal it is entered again, as the next of its year."""
    nth = year.entries.filter(key__startswith=f"grant:{year.year}:").count() + 1
    books.post(
        key=f"grant:{year.year}:{nth}",
        year=year,
        on=on,
        words=f"Grant for {year}",
        amounts={A.GRANT: -pence, A.RESERVE: pence},
        by=by,
    )
    percent = rules.value("pp.top_slice", on=on)
    kept = pence * percent // 100 - books.balances(year)[A.TOP_SLICE]
    if kept:
        words = f"{percent} per cent of the grant, kept for work with many children"
        amounts = {A.RESERVE: -kept, A.TOP_SLICE: kept}
        books.post(key=f"top_slice:{year.year}:{nth}", year=year, on=on, words=words, amounts=amounts, by=by)


def _made(line: Release, year: GrantYear | None, on: date, by: User | None) -> Release:
    """Commit the money of a new line, when that year's grant is known; otherwise the grant commits it when it comes."""
    if year is not None and year.closed_on is None:
        _commit_if_there(line, year, on, by)
    log.record("release.ready", by=by, subject=line, data={"pence": line.amount_pence})
    return line


def _commit_if_there(line: Release, year: GrantYear, on: date, by: User | None) -> None:
    """Nothing is committed that the reserve does not hold, nor for a year group that the grant is not for: such a line waits."""
    if policies.is_in_its_years(line) and books.free_for(line, year) >= line.amount_pence:
        _commit(line, year, on, by)


def _commit(line: Release, year: GrantYear, on: date, by: User | None) -> None:
    key = f"commit:{line.uuid}:{year.year}"
    if not Entry.objects.filter(key=key).exists():
        words = f"Committed: {line.cost.item}"[:200]
        books.post_move(key=key, year=year, on=on, words=words, line=line, by=by, move=(A.RESERVE, A.COMMITTED))


def _uncommit(line: Release, year: GrantYear, by: User | None) -> None:
    key = f"uncommit:{line.uuid}:{year.year}"
    words = f"No longer committed: {line.cost.item}"[:200]
    books.post_move(key=key, year=year, on=today(), words=words, line=line, by=by, move=(A.COMMITTED, A.RESERVE))


def _locked(release: Release, on: date) -> tuple[dict[int, GrantYear], Release]:
    """The books of both years first, then the line: one order for everybody, so that nobody waits for each other."""
    years = books.lock_years(financial_year(release.releasable_on), financial_year(on))
    rows = Release.objects.select_for_update(of=("self",)).select_related("child", "school", "pep", "cost")
    return years, rows.get(pk=release.pk)


def _release(line: Release, years: dict[int, GrantYear], on: date, by: User | None) -> Release:
    year = years[financial_year(on)]
    _move_commitment(line, years, year, on, by)
    words = f"Released: {line.cost.item}"[:200]
    key = f"release:{line.uuid}"
    line.entry = books.post_move(key=key, year=year, on=on, words=words, line=line, by=by, move=(A.COMMITTED, A.PAID))
    line.state = workflow.RELEASE.target(line.state, "release")
    line.released_on, line.released_by = on, by
    line.save(update_fields=["entry", "state", "released_on", "released_by"])
    log.record(
        "release.released", by=by, subject=line, data={"pence": line.amount_pence, "words": pounds(line.amount_pence)}
    )
    data = {"child": line.child_id, "release": line.pk, "school": line.school_id}
    events.emit("release.released", key=f"release.released:{line.pk}", data=data)
    return line


def _move_commitment(line: Release, years: dict[int, GrantYear], year: GrantYear, on: date, by: User | None) -> None:
    """A line agreed in one financial year and released in the next is paid from the next year's grant."""
    agreed_in = years.get(financial_year(line.releasable_on))
    if agreed_in is not None and agreed_in != year and agreed_in.closed_on is None:
        committed = Entry.objects.filter(key=f"commit:{line.uuid}:{agreed_in.year}").exists()
        if committed:
            _uncommit(line, agreed_in, by)
    _commit(line, year, on, by)


def _take_back(line: Release, year: GrantYear, by: User) -> None:
    line.state = workflow.RELEASE.target(line.state, "reverse")
    line.save(update_fields=["state"])
    _uncommit(line, year, by)
    log.record("release.reversed", by=by, subject=line, data={"pence": line.amount_pence})
