"""The code lists in ``children/data``, as rows. A migration loads them; loading again corrects words and removes nothing."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent / "data"

# Lists of the Common Basic Data Set, by the name that their codes have here.
CBDS = {
    "ENROLMENT_STATUS": "cbds_EnrolmentStatus.csv",
    "ETHNICITY": "cbds_Ethnicities.csv",
    "EXCLUSION_REASON": "cbds_ExclusionReasons.csv",
    "EXCLUSION_TYPE": "cbds_ExclusionTypes.csv",
    "POST_LOOKED_AFTER": "cbds_PostLookedAfterArrangements.csv",
    "SEN_STATUS": "cbds_SenStatus.csv",
    "SEN_TYPE": "cbds_SenTypes.csv",
}


def load(reference_code: type[Any], local_authority: type[Any]) -> None:
    """Put every code and authority into the tables, whichever state of the models is given."""
    reference_code.objects.bulk_create(
        [reference_code(**values) for values in (*return_codes(), *cbds_codes())],
        update_conflicts=True,
        unique_fields=["field", "code"],
        update_fields=["meaning", "first_year", "last_year"],
    )
    local_authority.objects.bulk_create(
        [local_authority(**values) for values in authorities()],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["gss_code", "name", "region"],
    )


def return_codes() -> Iterator[dict[str, Any]]:
    """Codes of the statutory return; ``field`` is the return's column."""
    for row in _rows("ssda903_codes.csv"):
        yield {
            "field": row["field"],
            "code": row["code"],
            "meaning": row["meaning_our_words"],
            "first_year": _year(row["first_collection_year"]),
            "last_year": _year(row["last_collection_year"]),
        }


def cbds_codes() -> Iterator[dict[str, Any]]:
    """Codes of the Common Basic Data Set, without years."""
    for field, name in CBDS.items():
        for row in _rows(name):
            yield {
                "field": field,
                "code": row["Code"],
                "meaning": row["Description"],
                "first_year": None,
                "last_year": None,
            }


def authorities() -> Iterator[dict[str, Any]]:
    """Local authorities. Where a code was given out twice the one seen last counts."""
    newest: dict[str, dict[str, str]] = {}
    for row in _rows("la_codes.csv"):
        known = newest.get(row["la_code_3"])
        if known is None or row["last_seen"] >= known["last_seen"]:
            newest[row["la_code_3"]] = row
    for code, row in newest.items():
        yield {"code": code, "gss_code": row["gss_code"], "name": row["la_name"], "region": row["region"]}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def _year(text: str) -> int | None:
    return int(text) if text else None
