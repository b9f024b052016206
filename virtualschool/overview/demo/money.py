"""The books of the made-up years: the grants through the action, and what older PEPs had released, posted in bulk."""

from collections.abc import Iterable
from datetime import date

from pupil_premium.actions import open_grant_year
from pupil_premium.enums import AccountKind, ReleaseState
from pupil_premium.models import Entry, GrantYear, Posting, Release
from pupil_premium.money import financial_year
from virtualschool.kernel.dates import moment, standing_at
from virtualschool.overview.demo.history import Old
from virtualschool.overview.demo.world import World

GRANT_A_CHILD = 263_000  # pence: the rate of 2025-26, made-up for the year after
WITH_GRANT = 0.75  # the share of the children who are of school age
YEARS = 3


def grants(world: World) -> None:
    """The grant of this financial year and of those that the history reaches into."""
    this = financial_year(world.on)
    for year in range(this - YEARS, this + 1):
        on = date(year, 4, 1)
        with standing_at(moment(on)):
            amount = round(GRANT_A_CHILD * world.number * WITH_GRANT)
            open_grant_year(year=year, amount_pence=amount, by=world.demo("vsh"), on=on)


def release(olds: list[Old]) -> None:
    """Each agreed line of the older PEPs: committed and released on the day of the approval, as the rule had it."""
    years = {year.year: year for year in GrantYear.objects.all()}
    lines = [
        (
            old,
            Release(cost=cost, child=old.one.child, school=old.pep.school, pep=old.pep, amount_pence=cost.total_pence),
        )
        for old in olds
        for cost in old.costs
    ]
    entries = [entry for old, line in lines for entry in _entries(old, line, years[financial_year(old.done)])]
    Entry.objects.bulk_create(entry for entry, _ in entries)
    Posting.objects.bulk_create(posting for entry, move in entries for posting in _postings(entry, move))
    by_key = {entry.key: entry for entry, _ in entries}
    for old, line in lines:
        line.entry = by_key[f"release:{line.uuid}"]
        line.state, line.agreed_by = ReleaseState.RELEASED, old.advocate
        line.releasable_on = line.released_on = old.done
        line.released_by = old.advocate
    Release.objects.bulk_create(line for _, line in lines)


Move = tuple[AccountKind, AccountKind, int]


def _entries(old: Old, line: Release, year: GrantYear) -> Iterable[tuple[Entry, Move]]:
    about = {"grant_year": year, "on": old.done, "child": line.child, "school": line.school, "pep": line.pep}
    item, pence = line.cost.item, line.amount_pence
    commit = Entry(key=f"commit:{line.uuid}:{year.year}", words=f"Committed: {item}", by=old.advocate, **about)
    yield commit, (AccountKind.RESERVE, AccountKind.COMMITTED, pence)
    paid = Entry(key=f"release:{line.uuid}", words=f"Released: {item}", by=old.advocate, **about)
    yield paid, (AccountKind.COMMITTED, AccountKind.PAID, pence)


def _postings(entry: Entry, move: Move) -> tuple[Posting, Posting]:
    source, target, pence = move
    return (
        Posting(entry=entry, account=source, amount_pence=-pence),
        Posting(entry=entry, account=target, amount_pence=pence),
    )
