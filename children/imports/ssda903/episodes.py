"""The Episodes table. What cannot stand beside another episode of the child is refused; ``care`` makes periods of what stays."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from children import codes, identifiers
from children.imports.batch import Batch
from children.imports.cells import Cells
from children.imports.ssda903.context import Return
from children.imports.ssda903.tables import EPISODES
from children.models import CareEpisode, Child


@dataclass
class Episodes:
    """The episodes of the children of one return: those held and those read, as they will be."""

    batch: Batch
    held: dict[int, dict[date, CareEpisode]]
    now: dict[int, list[CareEpisode]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[int, dict[date, Cells]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, child: Child) -> list[CareEpisode]:
        """In the order in which they began."""
        return sorted(self.now[child.pk], key=lambda episode: episode.start)


def load(ret: Return) -> Episodes:
    """Read the table. The children must have been written."""
    rows: dict[int, list[tuple[Cells, dict[str, Any]]]] = defaultdict(list)
    children: dict[int, Child] = {}
    for cells, child in ret.rows_of_children(EPISODES):
        values = _read(ret, cells, child)
        if values:
            children[child.pk] = child
            rows[child.pk].append((cells, values))
    found = Episodes(Batch(CareEpisode, ret.report, EPISODES.name), _held(children))
    for pk, child in children.items():
        _keep(found, child, sorted(rows[pk], key=lambda row: (row[1]["start"], row[0].line)))
        _tell_broken_chain(found, child)
    return found


def _held(children: dict[int, Child]) -> dict[int, dict[date, CareEpisode]]:
    held: dict[int, dict[date, CareEpisode]] = defaultdict(dict)
    for episode in CareEpisode.objects.filter(child__in=children):
        held[episode.child_id][episode.start] = episode
    return held


# ---------------------------------------------------------------- one row


def _read(ret: Return, cells: Cells, child: Child) -> dict[str, Any]:
    """The row as fields of an episode; empty when it was refused."""
    start = ret.required_day(cells, "DECOM")
    if start is None:
        return {}
    if start < child.date_of_birth:
        cells.refuse("DECOM", f"It starts before the child was born ({child.date_of_birth:%d/%m/%Y}).")
        return {}
    fits, end = ret.end_after(cells, start, "DEC")
    if not fits or end == start:
        if fits:
            cells.refuse("DEC", "It ends on the day it starts.")
        return {}
    ceased = _reason_ceased(ret, cells, end)
    return {
        "start": start,
        "end": end,
        "reason_new": ret.codes.read(cells, "RNE", required=True),
        "legal_status": ret.codes.read(cells, "LS", required=True),
        "need": ret.codes.read(cells, "CIN", required=True),
        "placement_type": ret.codes.read(cells, "PLACE", required=True),
        "provider": ret.codes.read(cells, "PLACE_PROVIDER"),
        "reason_ceased": ceased,
        "reason_place_change": ret.codes.read(cells, "REASON_PLACE_CHANGE"),
        "home_postcode": cells.text("HOME_POST", 8).upper(),
        "placement_postcode": cells.text("PL_POST", 8).upper(),
        "ofsted_urn": _ofsted_urn(cells),
    }


def _reason_ceased(ret: Return, cells: Cells, end: date | None) -> str:
    """REC belongs to DEC: both or neither."""
    reason = ret.codes.read(cells, "REC")
    if reason and end is None:
        cells.flag("REC", "The episode has no end, so this is set aside.")
        return ""
    if end is not None and not cells["REC"]:
        cells.flag("REC", "The episode ends without a reason.")
    return reason


def _ofsted_urn(cells: Cells) -> str:
    urn = cells.text("URN", 8).upper()
    problem = identifiers.ofsted_urn_problem(urn)
    if problem:
        cells.flag("URN", f"{problem} Kept.")
    return urn


# ---------------------------------------------------------------- one child


def _keep(found: Episodes, child: Child, rows: list[tuple[Cells, dict[str, Any]]]) -> None:
    """Keep the rows that fit beside one another and beside those held that the file does not name."""
    held = found.held[child.pk]
    named = {values["start"] for _, values in rows}
    others = [(episode.start, episode.end, "held already") for start, episode in held.items() if start not in named]
    for cells, values in rows:
        known = held.get(values["start"])
        _stay_ended(cells, values, known)
        clash = next((other for other in others if _meet(values["start"], values["end"], other)), None)
        if clash:
            until = f" to {clash[1]:%d/%m/%Y}" if clash[1] else ", which has no end"
            cells.refuse("DECOM", f"It overlaps the episode from {clash[0]:%d/%m/%Y}{until} ({clash[2]}).")
            if known is not None:
                others.append((known.start, known.end, "held already"))
            continue
        others.append((values["start"], values["end"], f"line {cells.line}"))
        facts = {name: value for name, value in values.items() if name != "start"}
        episode = found.batch.put(known, facts, child=child, start=values["start"])
        found.now[child.pk].append(episode)
        found.lines[child.pk][episode.start] = cells
    kept = {episode.start for episode in found.now[child.pk]}
    found.now[child.pk] += [episode for start, episode in held.items() if start not in kept]


def _stay_ended(cells: Cells, values: dict[str, Any], known: CareEpisode | None) -> None:
    """What is held as ended is not opened again by a file that knows of no end."""
    if known is None or known.end is None or values["end"] is not None:
        return
    cells.flag("DEC", f"Held as ended on {known.end:%d/%m/%Y}; it is not opened again.")
    for name in ("end", "reason_ceased", "reason_place_change"):
        values[name] = getattr(known, name)


def _meet(start: date, end: date | None, other: tuple[date, date | None, str]) -> bool:
    return (end is None or other[0] < end) and (other[1] is None or start < other[1])


def _tell_broken_chain(found: Episodes, child: Child) -> None:
    """An episode that is not a start follows one that ended that very day with X1, and X1 is followed by one."""
    listed = found.of(child)
    ends = {episode.end for episode in listed if episode.reason_ceased in (codes.CONTINUES, "")}
    starts = {episode.start for episode in listed}
    for episode in listed:
        cells = found.lines[child.pk].get(episode.start)
        if cells is None:
            continue
        if episode.reason_new not in (codes.STARTED, "") and episode.start not in ends:
            cells.flag(
                "RNE", "No episode of this child ends on this day with X1. Kept as the start of a period of care."
            )
        if episode.reason_ceased == codes.CONTINUES and episode.end not in starts:
            cells.flag("REC", "No episode of this child follows on this day. Care is held as going on.")
