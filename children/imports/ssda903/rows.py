"""The return's smaller tables: unaccompanied children, reviews, health, missing episodes, social workers."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from children.imports.batch import Batch
from children.imports.cells import Cells
from children.imports.ssda903.context import Return
from children.imports.ssda903.tables import MISSING, OC2, REVIEWS, SOCIAL_WORKERS, UASC, Table
from children.models import CareReview, HealthReturn, MissingEpisode, SocialWorkerEpisode

SDQ_MOST = 40
_HEALTH_FLAGS = OC2.columns[4:]


def load_unaccompanied(ret: Return) -> None:
    """UASC: to stand in the table is to be an unaccompanied asylum-seeking child, until DUC."""
    for cells, child in ret.rows_of_children(UASC):
        until = cells.day("DUC", day_month_year_only=True)
        was = child.is_unaccompanied
        values: dict[str, Any] = {"is_unaccompanied": True}
        if until is not None:
            values["unaccompanied_until"] = until
        changed = ret.children.change(child, values)
        ret.report.count("unchanged" if not changed else "updated" if was else "created", UASC.name)


def load_reviews(ret: Return) -> None:
    held = _held(ret, CareReview, "on")
    batch = Batch(CareReview, ret.report, REVIEWS.name)
    seen = _Once()
    for cells, child in ret.rows_of_children(REVIEWS):
        on = ret.required_day(cells, "REVIEW")
        if on is None or seen.before(cells, "REVIEW", child.pk, on):
            continue
        code = ret.codes.read(cells, "REVIEW_CODE", required=True)
        batch.put(held.get((child.pk, on)), {"participation": code} if code else {}, child=child, on=on)
    batch.write()


def load_missing(ret: Return) -> None:
    """Missing: two times of one child that share a day cannot both be right, so the later row is refused."""
    held = _held(ret, MissingEpisode, "start")
    spans: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    batch = Batch(MissingEpisode, ret.report, MISSING.name)
    seen = _Once()
    for cells, child in ret.rows_of_children(MISSING):
        start = ret.required_day(cells, "MIS_START")
        if start is None or seen.before(cells, "MIS_START", child.pk, start):
            continue
        fits, end = ret.end_after(cells, start, "MIS_END")
        if not fits or _overlaps(cells, spans[child.pk], start, end):
            continue
        known = held.get((child.pk, start))
        values = {"kind": ret.codes.read(cells, "MISSING", required=True), "end": end}
        _stay_ended(cells, "MIS_END", values, known)
        batch.put(known, values, child=child, start=start)
        spans[child.pk].append((start, end))
    batch.write()


def load_social_workers(ret: Return) -> None:
    held = _held(ret, SocialWorkerEpisode, "start", "worker_code")
    batch = Batch(SocialWorkerEpisode, ret.report, SOCIAL_WORKERS.name)
    seen = _Once()
    for cells, child in ret.rows_of_children(SOCIAL_WORKERS):
        code = _worker_code(cells)
        start = ret.required_day(cells, "SW_DECOM") if code else None
        if start is None or seen.before(cells, "SW_DECOM", child.pk, start, code):
            continue
        fits, end = ret.end_after(cells, start, "SW_DEC")
        if not fits:
            continue
        known = held.get((child.pk, start, code))
        values = {"end": end, "reason": ret.codes.read(cells, "SW_REASON", required=True)}
        _stay_ended(cells, "SW_DEC", values, known)
        batch.put(known, values, child=child, start=start, worker_code=code)
    batch.write()


def load_health(ret: Return) -> None:
    held = {row.child_id: row for row in HealthReturn.objects.filter(year=ret.year, child__in=_pks(ret))}
    batch = Batch(HealthReturn, ret.report, OC2.name)
    for cells, child in ret.rows_of_children(OC2):
        score = cells.number("SDQ_SCORE", 0, SDQ_MOST)
        reason = ret.codes.read(cells, "SDQ_REASON")
        if score is not None and reason:
            cells.flag("SDQ_REASON", "There is a score, so a reason for having none is not expected. Kept.")
        flags = {column: ret.codes.read(cells, column) for column in _HEALTH_FLAGS}
        values = {
            "sdq_score": score,
            "sdq_reason": reason,
            "flags": {column: value for column, value in flags.items() if value},
        }
        batch.put(held.get(child.pk), values, child=child, year=ret.year)
    batch.write()


LOADERS: dict[Table, Callable[[Return], None]] = {
    REVIEWS: load_reviews,
    MISSING: load_missing,
    SOCIAL_WORKERS: load_social_workers,
    OC2: load_health,
}

# ---------------------------------------------------------------- steps


class _Once:
    """What makes a row one of its kind, and the line on which it was first seen."""

    def __init__(self) -> None:
        self._lines: dict[tuple[Any, ...], int] = {}

    def before(self, cells: Cells, column: str, *key: Any) -> bool:
        """Whether an earlier row was the same one; then this is refused."""
        first = self._lines.setdefault(key, cells.line)
        if first != cells.line:
            cells.refuse(column, f"The same as line {first}: a child has one such row on a day.")
        return first != cells.line


def _pks(ret: Return) -> list[int]:
    return [child.pk for child in ret.by_child_id.values()]


def _held(ret: Return, model: Any, *key: str) -> dict[tuple[Any, ...], Any]:
    """The rows held of the return's children, by child and key."""
    rows = model.objects.filter(child__in=_pks(ret))
    return {(row.child_id, *(getattr(row, name) for name in key)): row for row in rows}


def _stay_ended(cells: Cells, column: str, values: dict[str, Any], known: Any) -> None:
    """A file that knows of no end does not open again what is held as ended."""
    if known is not None and known.end is not None and values["end"] is None:
        cells.flag(column, f"Held as ended on {known.end:%d/%m/%Y}; it is not opened again.")
        values["end"] = known.end


def _overlaps(cells: Cells, spans: list[tuple[date, date | None]], start: date, end: date | None) -> bool:
    clash = next((s for s in spans if (end is None or s[0] < end) and (s[1] is None or start < s[1])), None)
    if clash:
        cells.refuse("MIS_START", f"It overlaps the time missing from {clash[0]:%d/%m/%Y}.")
    return clash is not None


def _worker_code(cells: Cells) -> str:
    """SW_ID: SW or XX and more, 12 characters at most. The row is refused without one that can be kept."""
    code = cells["SW_ID"].upper()
    longest = SocialWorkerEpisode._meta.get_field("worker_code").max_length
    if not code or len(code) > longest:
        cells.refuse("SW_ID", f"Longer than {longest} characters." if code else "Missing.")
        return ""
    if not code.startswith(("SW", "XX")) or len(code) < 4:
        cells.flag("SW_ID", "It should start with SW or XX and have four characters or more. Kept.")
    return code
