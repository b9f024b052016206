"""Writing and reading the books. Every entry is written here, and only here, and its postings come to nil."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum

from pupil_premium.enums import AccountKind
from pupil_premium.models import Entry, GrantYear, Posting, Release
from virtualschool.accounts.models import User

# What an entry that commits a line's money, or no longer does, is called by in its key.
COMMITTING = ("commit", "uncommit")


def balances(year: GrantYear) -> dict[str, int]:
    """Pence on each account of the year; debits are positive. One query."""
    sums = Posting.objects.filter(entry__grant_year=year).values("account").annotate(pence=Sum("amount_pence"))
    found = {row["account"]: int(row["pence"]) for row in sums.order_by("account")}
    return {account.value: found.get(account.value, 0) for account in AccountKind}


def free_for(line: Release, year: GrantYear) -> int:
    """Pence a line may be paid from: what is free, and what is committed to the line itself; never what is committed to another."""
    rows = Posting.objects.filter(entry__grant_year=year)
    own = Q(account=AccountKind.COMMITTED, entry__key__in=[f"{verb}:{line.uuid}:{year.year}" for verb in COMMITTING])
    sums = rows.filter(Q(account=AccountKind.RESERVE) | own).aggregate(pence=Sum("amount_pence"))
    return int(sums["pence"] or 0)


def trial_balance() -> int:
    """All postings of all years together. Anything but nil is a fault of the books."""
    return int(Posting.objects.aggregate(pence=Sum("amount_pence"))["pence"] or 0)


def year_of(year: int) -> GrantYear | None:
    """The grant year by the year it starts in."""
    return GrantYear.objects.filter(year=year).first()


def lock_years(*years: int) -> dict[int, GrantYear]:
    """Lock grant years, the oldest first: nobody else writes to their books until this transaction ends. Missing ones are left out."""
    rows = GrantYear.objects.select_for_update(of=("self",)).filter(year__in=years).order_by("year")
    return {row.year: row for row in rows}


@transaction.atomic
def post(
    *,
    key: str,
    year: GrantYear,
    on: date,
    words: str,
    amounts: Mapping[AccountKind, int],
    by: User | None,
    **about: Any,
) -> Entry:
    """Write an entry and its postings.

    Args:
        amounts: pence for each account, together nil.
        about: child, school, pep, and ``reverses``, where there are any.
    """
    entry = Entry.objects.create(key=key, grant_year=year, on=on, words=words, by=by, **about)
    Posting.objects.bulk_create(
        Posting(entry=entry, account=account, amount_pence=pence) for account, pence in amounts.items()
    )
    return entry


def post_move(
    *, key: str, year: GrantYear, on: date, words: str, line: Release, by: User | None, move: tuple[str, str]
) -> Entry:
    """Write that a line's money goes from one account to another (``move``)."""
    source, target = AccountKind(move[0]), AccountKind(move[1])
    amounts = {source: -line.amount_pence, target: line.amount_pence}
    about = {"child": line.child, "school": line.school, "pep": line.pep}
    return post(key=key, year=year, on=on, words=words, amounts=amounts, by=by, **about)
