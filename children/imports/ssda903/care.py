"""Periods of care and care placements, made of episodes. Made again from the same episodes they are the same rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from children import codes
from children.imports.batch import Batch
from children.imports.cells import Cells
from children.imports.ssda903.context import Return
from children.imports.ssda903.episodes import Episodes
from children.models import CareEpisode, CarePlacement, Child, PeriodOfCare

Held = PeriodOfCare | CarePlacement


@dataclass
class Care:
    """What became of the children's care: for those who tell it to the rest of the service."""

    started: list[PeriodOfCare] = field(default_factory=list)
    ended: list[PeriodOfCare] = field(default_factory=list)
    moved: list[CarePlacement] = field(default_factory=list)
    out_of_short_breaks: list[tuple[PeriodOfCare, date]] = field(default_factory=list)
    into_short_breaks: list[tuple[PeriodOfCare, date]] = field(default_factory=list)


def make(ret: Return, episodes: Episodes) -> Care:
    """Make, and write, periods and care placements for every child with an episode in the return; then the episodes."""
    children = {child.pk: child for child in ret.by_child_id.values() if child.pk in episodes.now}
    made = Care()
    builder = _Builder(ret, episodes, made, _held(PeriodOfCare, children), _held(CarePlacement, children))
    for child in children.values():
        builder.build(child)
    for batch in (builder.periods, builder.placements, episodes.batch, ret.children):
        batch.write()
    return made


def _held(model: type[Any], children: Iterable[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in model.objects.filter(child__in=children).order_by("start"):
        found[row.child_id].append(row)
    return found


def chains(episodes: Sequence[CareEpisode]) -> list[list[CareEpisode]]:
    """Unbroken times in care: a new one begins with S, or where nothing ended that day with X1."""
    found: list[list[CareEpisode]] = []
    for episode in episodes:
        last = found[-1][-1] if found else None
        follows = last is not None and last.end == episode.start and last.reason_ceased in (codes.CONTINUES, "")
        if follows and episode.reason_new != codes.STARTED:
            found[-1].append(episode)
        else:
            found.append([episode])
    return found


def stays(chain: Sequence[CareEpisode]) -> list[list[CareEpisode]]:
    """Times with one carer in one place: every episode begins one but those in which only the legal status changed (L)."""
    found = [[chain[0]]]
    for before, episode in pairwise(chain):
        if episode.reason_new == "L" or (not episode.reason_new and _place(before) == _place(episode)):
            found[-1].append(episode)
        else:
            found.append([episode])
    return found


def _place(episode: CareEpisode) -> tuple[str, ...]:
    return (episode.placement_type, episode.provider, episode.placement_postcode, episode.ofsted_urn)


class _Builder:
    """One child after the other; rows held are found again, so that nothing is made twice."""

    def __init__(
        self,
        ret: Return,
        episodes: Episodes,
        made: Care,
        periods: dict[int, list[PeriodOfCare]],
        placements: dict[int, list[CarePlacement]],
    ) -> None:
        self.ret = ret
        self.episodes = episodes
        self.made = made
        self.held_periods = periods
        self.held_placements = placements
        self.periods = Batch(PeriodOfCare, ret.report, "")
        self.placements = Batch(CarePlacement, ret.report, "")

    def build(self, child: Child) -> None:
        listed = self.episodes.of(child)
        found = chains(listed)
        for number, chain in enumerate(found):
            last = number == len(found) - 1
            period = self._period(child, chain, ended=_ended(chain[-1], last=last))
            for stay in stays(chain):
                placement = self._placement(child, stay)
                for episode in stay:
                    self._attach(episode, period, placement)
        self._close_record(child, listed[-1])

    def _attach(self, episode: CareEpisode, period: PeriodOfCare, placement: CarePlacement | None) -> None:
        self.episodes.batch.link(episode, "period", period)
        if placement is not None:
            self.episodes.batch.link(episode, "placement", placement)

    # ------------------------------------------------------------ periods

    def _period(self, child: Child, chain: list[CareEpisode], *, ended: bool) -> PeriodOfCare:
        last = chain[-1]
        values = {
            "start": chain[0].start,
            "end": last.end if ended else None,
            "end_reason": last.reason_ceased if ended else "",
            "short_breaks": last.legal_status in codes.SHORT_BREAKS,
        }
        held = self.held_periods[child.pk]
        known = _same(held, values, {episode.period_id for episode in chain if episode.pk is not None})
        if known is None and _taken(held, None, values):
            self._tell(child, chain, "DECOM", "It does not fit the periods of care that are held. Look at the child.")
            return _nearest(held, chain[0].start)
        if known is not None and _taken(held, known, values):
            self._tell(child, chain, "DECOM", "It runs into another period of care that is held. Look at the child.")
            return known
        return self._write_period(child, chain, known, values)

    def _write_period(
        self, child: Child, chain: list[CareEpisode], known: PeriodOfCare | None, values: dict[str, Any]
    ) -> PeriodOfCare:
        if known is None:
            self._tell_return(child, chain)
            period = self.periods.put(None, values, child=child)
            self.held_periods[child.pk].append(period)
            self.made.started.append(period)
            if period.end is not None:
                self.made.ended.append(period)
            return period
        if known.end is not None and values["end"] is None:
            self._tell(child, chain, "DEC", f"Care is held as ended on {known.end:%d/%m/%Y}; it is not opened again.")
            values |= {"end": known.end, "end_reason": known.end_reason, "short_breaks": known.short_breaks}
        was_open, had_short_breaks = known.end is None, known.short_breaks
        self.periods.change(known, values)
        if was_open and known.end is not None:
            self.made.ended.append(known)
        elif was_open and had_short_breaks != known.short_breaks:
            listed = self.made.into_short_breaks if known.short_breaks else self.made.out_of_short_breaks
            listed.append((known, _status_since(chain)))
        return known

    def _tell_return(self, child: Child, chain: list[CareEpisode]) -> None:
        before = [period for period in self.held_periods[child.pk] if period.end and period.pk is not None]
        if before and chain[0].start >= before[-1].end:
            words = f"The child left care on {before[-1].end:%d/%m/%Y} and comes back into care with this row."
            self._tell(child, chain, "DECOM", words)

    # ------------------------------------------------------------ care placements

    def _placement(self, child: Child, stay: list[CareEpisode]) -> CarePlacement | None:
        first, last = stay[0], stay[-1]
        values: dict[str, Any] = {
            "start": first.start,
            "end": last.end,
            "end_reason": last.reason_place_change,
        }
        facts = {
            "placement_type": _latest(stay, "placement_type"),
            "provider": _latest(stay, "provider"),
            "ofsted_urn": _latest(stay, "ofsted_urn"),
            "postcode": _latest(stay, "placement_postcode"),
        }
        values |= {name: value for name, value in facts.items() if value}
        held = self.held_placements[child.pk]
        known = _same(held, values, {episode.placement_id for episode in stay if episode.pk is not None})
        if _taken(held, known, values):
            self._tell(child, stay, "DECOM", "It does not fit the care placements that are held. Look at the child.")
            return known
        if known is not None:
            if known.end is not None and values["end"] is None:
                values |= {"end": known.end, "end_reason": known.end_reason}
            self.placements.change(known, values)
            return known
        placement = self.placements.put(None, values, child=child)
        held.append(placement)
        self.made.moved.append(placement)
        return placement

    # ------------------------------------------------------------ the end of a record

    def _close_record(self, child: Child, last: CareEpisode) -> None:
        """Adoption closes the record to every role and breaks the link by UPN; a death is dated."""
        if last.end is None:
            return
        if last.reason_ceased in codes.ADOPTED:
            self._tell(child, [last], "REC", "Adopted: the record is closed to everybody from now on.")
            former = child.upn or child.former_upn
            self.ret.children.change(child, {"sealed": True, "former_upn": former, "upn": "", "upn_problem": ""})
        elif last.reason_ceased == codes.DIED:
            self.ret.children.change(child, {"died_on": last.end})

    def _tell(self, child: Child, episodes: Sequence[CareEpisode], column: str, words: str) -> None:
        cells: Cells | None = next(
            filter(None, map(self.episodes.lines[child.pk].get, [e.start for e in episodes])), None
        )
        if cells is not None:
            cells.flag(column, words)


def _ended(episode: CareEpisode, *, last: bool) -> bool:
    """Whether care ended with the episode. X1 that nothing follows leaves the child in care, which errs on the safe side."""
    return episode.end is not None and not (last and episode.reason_ceased == codes.CONTINUES)


def _status_since(chain: list[CareEpisode]) -> date:
    """Since when the legal status has been, or has not been, one of short breaks, as it is at the end."""
    short_breaks = chain[-1].legal_status in codes.SHORT_BREAKS
    since = chain[-1].start
    for episode in reversed(chain):
        if (episode.legal_status in codes.SHORT_BREAKS) != short_breaks:
            break
        since = episode.start
    return since


def _latest(stay: list[CareEpisode], name: str) -> str:
    """The last word on it within the stay."""
    return next((getattr(episode, name) for episode in reversed(stay) if getattr(episode, name)), "")


def _same(held: list[Any], values: dict[str, Any], attached: set[int | None]) -> Any:
    """The row held that these values are of: that of the episodes, or one that began that day, or the one it shares days with."""
    by_episode = [row for row in held if row.pk is not None and row.pk in attached]
    by_start = [row for row in held if row.start == values["start"]]
    by_days = [row for row in held if row.pk is not None and _share_days(row, values["start"], values["end"])]
    for found in (by_start, by_episode, by_days if len(by_days) == 1 else []):
        if found:
            return found[0]
    return None


def _taken(held: list[Any], known: Any, values: dict[str, Any]) -> bool:
    """Whether another row holds some of the days."""
    return any(row is not known and _share_days(row, values["start"], values["end"]) for row in held)


def _share_days(row: Held, start: date, end: date | None) -> bool:
    if row.end is not None and row.end <= row.start:
        return False
    return (end is None or row.start < end) and (row.end is None or start < row.end)


def _nearest(held: list[PeriodOfCare], start: date) -> PeriodOfCare:
    return next((row for row in held if row.end is None or start < row.end), held[-1])
