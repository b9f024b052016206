"""Rates as the guidance tells them, mark by mark and child by child, without anything of the project."""

from collections import Counter
from fractions import Fraction

ATTENDED = {"/", "\\", "L", "B", "K", "P", "V", "W", "J"}
AUTHORISED = {"C", "C1", "C2", "E", "I", "J1", "M", "R", "S", "T", "H"}
UNAUTHORISED = {"G", "N", "O", "U"}


def rates(marks):
    """``marks``: (child, code) for each session."""
    codes = Counter(code for _, code in marks)
    seen = {child: [code for who, code in marks if who == child] for child, _ in marks}
    shares = [share for share in map(absence, seen.values()) if share is not None]
    attended, authorised, unauthorised = (sum(codes[c] for c in kind) for kind in (ATTENDED, AUTHORISED, UNAUTHORISED))
    return {
        "possible": attended + authorised + unauthorised,
        "attended": attended,
        "authorised": authorised,
        "unauthorised": unauthorised,
        "codes": dict(codes),
        "children": len(shares),
        "persistently_absent": sum(share >= Fraction(1, 10) for share in shares),
        "severely_absent": sum(share >= Fraction(1, 2) for share in shares),
    }


def absence(codes):
    """The share of a child's possible sessions that were missed; None when none was possible."""
    missed = sum(code in AUTHORISED | UNAUTHORISED for code in codes)
    possible = missed + sum(code in ATTENDED for code in codes)
    return Fraction(missed, possible) if possible else None
