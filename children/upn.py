"""The unique pupil number: one check letter, twelve digits; the last is a letter in a temporary number.

The letter stands for the sum of each character's value times its place (2 to 13), modulo 23, in an alphabet without I, O and S
(Department for Education, Common Basic Data Set, UPN version 2).
"""

import re

ALPHABET = "ABCDEFGHJKLMNPQRTUVWXYZ"
UNKNOWN = {
    "UN1": "not of school age yet",
    "UN2": "never in a maintained school",
    "UN3": "educated outside England",
    "UN4": "new in care",
    "UN5": "being looked for",
}
_SHAPE = re.compile(rf"[A-Z][0-9]{{11}}[0-9{ALPHABET}]")


def normal(text: str) -> str:
    """As the return writes it: upper case, no spaces."""
    return "".join(text.split()).upper()


def check_letter(rest: str) -> str:
    """The letter that belongs before twelve characters."""
    values = (int(char) if char.isdigit() else ALPHABET.index(char) for char in rest)
    return ALPHABET[sum(value * place for place, value in enumerate(values, 2)) % 23]


def problem(text: str) -> str:
    """Why a number is doubted; empty when it is not, or when there is none. A doubted number is kept as it was given."""
    upn = normal(text)
    if not upn or upn in UNKNOWN:
        return ""
    if not _SHAPE.fullmatch(upn):
        return "A UPN is a letter, eleven digits, and a digit or letter."
    expected = check_letter(upn[1:])
    if upn[0] != expected:
        return f"The check letter should be {expected}."
    return "This is a temporary UPN." if upn[-1].isalpha() else ""
