"""Codes of the statutory return (SSDA903) that mean something to us; their words are rows of ``ReferenceCode``.

An episode's reason for being new (RNE) says what changed on its first day: L the legal status, P the care placement and the
carer, T the care placement with the same carer, B and U these with the legal status, S that care started.
"""

from datetime import date

from children.enums import Basis

STARTED = "S"
CONTINUES = "X1"  # the reason ceased (REC) of an episode that another follows on the same day
SHORT_BREAKS = frozenset({"V3", "V4"})
ADOPTED = frozenset({"E11", "E12"})
DIED = "E2"
PREVIOUSLY_IN_CARE: dict[str, Basis] = {
    "E41": Basis.CAO,
    "E45": Basis.SGO,
    "E46": Basis.SGO,
    "E47": Basis.SGO,
    "E48": Basis.SGO,
}
TEMPORARY_PLACEMENTS = frozenset({"T0", "T1", "T2", "T3", "T4"})

_CHANGED = {
    "L": frozenset({"legal status"}),
    "P": frozenset({"placement", "carer"}),
    "T": frozenset({"placement"}),
    "B": frozenset({"legal status", "placement", "carer"}),
    "U": frozenset({"legal status", "placement"}),
}
_CODE = {changed: code for code, changed in _CHANGED.items()}


def collection_year(on: date) -> int:
    """The return that a day belongs to is named by the year it ends in: 1 April 2025 to 31 March 2026 is 2026."""
    return on.year + (on.month >= 4)


def reason_new(*, legal_status: bool = False, placement: bool = False, same_carer: bool = False) -> str:
    """The RNE code for what changed on a day.

    Raises:
        ValueError: when nothing changed.
    """
    changed = {"legal status"} if legal_status else set()
    if placement:
        changed |= {"placement"} if same_carer else {"placement", "carer"}
    if not changed:
        raise ValueError("An episode begins because something changed.")
    return _CODE[frozenset(changed)]


def together(first: str, second: str) -> str:
    """The one RNE code of two changes on one day; whatever changes on the day care started, it started."""
    if STARTED in (first, second):
        return STARTED
    return _CODE[_CHANGED[first] | _CHANGED[second]]
