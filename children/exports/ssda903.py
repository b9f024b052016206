"""The statutory return's tables as they are held, in the department's form: what was imported comes out as it came in.

Records that are closed after an adoption are part of the return, so this is for the command line and for nobody's screen.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Q

from children.exports import private
from children.imports.ssda903 import tables
from children.imports.ssda903.kept import KEPT
from children.imports.ssda903.tables import Table
from children.models import (
    CareEpisode,
    CareReview,
    Child,
    HealthReturn,
    MissingEpisode,
    ReturnRow,
    SocialWorkerEpisode,
)

Row = dict[str, str]
FILES: dict[Table, str] = {
    tables.HEADER: "header.csv",
    tables.EPISODES: "episodes.csv",
    tables.REVIEWS: "reviews.csv",
    tables.UASC: "uasc.csv",
    tables.OC2: "oc2.csv",
    tables.OC3: "oc3.csv",
    tables.AD1: "ad1.csv",
    tables.PLACED_FOR_ADOPTION: "placed_for_adoption.csv",
    tables.PREVIOUS_PERMANENCE: "previous_permanence.csv",
    tables.MISSING: "missing.csv",
    tables.SOCIAL_WORKERS: "sw_episodes.csv",
    tables.DOLO: "dolo.csv",
}
# Until the collection of 2024 sex was a number.
LAST_YEAR_OF_NUMBERS = 2024
_NUMBERS = {"M": "1", "F": "2"}


def export(year: int, into: Path) -> dict[str, int]:
    """Write the tables of one collection year that have rows, and Header and Episodes in any case.

    Returns:
        how many rows each file has.
    """
    found = _Year(year)
    private.folder(into)
    written: dict[str, int] = {}
    for table, name in FILES.items():
        rows = list(found.rows(table))
        if rows or table in (tables.HEADER, tables.EPISODES):
            cells = ([row.get(column, "") for column in table.columns] for row in rows)
            written[name] = private.write_csv(into / name, table.columns, cells)
    private.log("export_ssda903", found.children)
    return written


class _Year:
    """One collection year: whatever holds on one of its days, cut off at its end."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.first, self.last = tables.year_start(year), tables.year_end(year)
        episodes = CareEpisode.objects.filter(self._in_year("start")).values_list("child_id", flat=True)
        kept = ReturnRow.objects.filter(year=year).values_list("child_id", flat=True)
        children = Child.objects.filter(Q(pk__in=episodes) | Q(pk__in=kept)).order_by("child_id")
        self.children = {child.pk: child for child in children}

    def rows(self, table: Table) -> Iterator[Row]:
        """The table's rows, child by child."""
        if table in KEPT:
            return self._kept(table)
        makers = {
            tables.HEADER: self._header,
            tables.EPISODES: self._episodes,
            tables.REVIEWS: self._reviews,
            tables.UASC: self._unaccompanied,
            tables.OC2: self._health,
            tables.MISSING: self._missing,
            tables.SOCIAL_WORKERS: self._social_workers,
        }
        return makers[table]()

    def _in_year(self, start: str) -> Q:
        return Q(**{f"{start}__lte": self.last}) & (Q(end__isnull=True) | Q(end__gte=self.first))

    def _of(self, rows: Any) -> Iterator[tuple[Child, Any]]:
        """Rows of the return's children, in the Header's order."""
        found = [row for row in rows if row.child_id in self.children]
        for row in sorted(found, key=lambda row: self.children[row.child_id].child_id):
            yield self.children[row.child_id], row

    def _until(self, end: date | None) -> date | None:
        """An end that the year has not seen yet is left out."""
        return end if end is not None and end <= self.last else None

    def _who(self, child: Child, *, sex: bool = False) -> Row:
        who = {"CHILD": child.child_id, "DOB": _day(child.date_of_birth)}
        return who | {"SEX": self._sex(child)} if sex else who

    def _sex(self, child: Child) -> str:
        return _NUMBERS.get(child.sex, child.sex) if self.year <= LAST_YEAR_OF_NUMBERS else child.sex

    # ------------------------------------------------------------ the tables

    def _header(self) -> Iterator[Row]:
        for child in self.children.values():
            kept = {name: str(child.return_fields.get(name, "")) for name in ("UPN", "MOTHER", "MC_DOB")}
            yield (
                kept
                | self._who(child, sex=True)
                | {"ETHNIC": child.ethnicity}
                | ({"UPN": child.upn} if child.upn else {})
            )

    def _episodes(self) -> Iterator[Row]:
        rows = CareEpisode.objects.filter(self._in_year("start")).order_by("start")
        for child, episode in self._of(rows):
            end = self._until(episode.end)
            yield {
                "CHILD": child.child_id,
                "DECOM": _day(episode.start),
                "RNE": episode.reason_new,
                "LS": episode.legal_status,
                "CIN": episode.need,
                "PLACE": episode.placement_type,
                "PLACE_PROVIDER": episode.provider,
                "DEC": _day(end),
                "REC": episode.reason_ceased if end else "",
                "REASON_PLACE_CHANGE": episode.reason_place_change if end else "",
                "HOME_POST": episode.home_postcode,
                "PL_POST": episode.placement_postcode,
                "URN": episode.ofsted_urn,
            }

    def _reviews(self) -> Iterator[Row]:
        held = CareReview.objects.filter(on__range=(self.first, self.last)).exclude(participation="").order_by("on")
        for child, review in self._of(held):
            yield self._who(child) | {"REVIEW": _day(review.on), "REVIEW_CODE": review.participation}

    def _unaccompanied(self) -> Iterator[Row]:
        for child in self.children.values():
            until = child.unaccompanied_until
            if child.is_unaccompanied and (until is None or until >= self.first):
                yield self._who(child, sex=True) | {"DUC": _day(until)}

    def _health(self) -> Iterator[Row]:
        for child, row in self._of(HealthReturn.objects.filter(year=self.year)):
            score = "" if row.sdq_score is None else str(row.sdq_score)
            yield row.flags | self._who(child) | {"SDQ_SCORE": score, "SDQ_REASON": row.sdq_reason}

    def _missing(self) -> Iterator[Row]:
        for child, row in self._of(MissingEpisode.objects.filter(self._in_year("start")).order_by("start")):
            ends = _day(self._until(row.end))
            yield self._who(child) | {"MISSING": row.kind, "MIS_START": _day(row.start), "MIS_END": ends}

    def _social_workers(self) -> Iterator[Row]:
        for child, row in self._of(SocialWorkerEpisode.objects.filter(self._in_year("start")).order_by("start")):
            yield self._who(child) | {
                "SW_ID": row.worker_code,
                "SW_DECOM": _day(row.start),
                "SW_DEC": _day(self._until(row.end)),
                "SW_REASON": row.reason,
            }

    def _kept(self, table: Table) -> Iterator[Row]:
        rows: Iterable[ReturnRow] = ReturnRow.objects.filter(year=self.year, table=table.name).order_by("row_key", "pk")
        for child, row in self._of(rows):
            yield row.row | self._who(child)


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%d/%m/%Y}"
