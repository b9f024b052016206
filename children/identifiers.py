"""Numbers that schools and learners go by. A doubted one is kept and told; ``children.upn`` has the pupil number."""

_ULN_WEIGHTS = range(10, 1, -1)


def urn_problem(text: str) -> str:
    """Why a school's URN is doubted: six digits, the first not 0."""
    if not (_digits(text) and len(text) == 6 and text[0] != "0"):
        return "A URN is six digits."
    return ""


def ofsted_urn_problem(text: str) -> str:
    """Why the URN of a children's home or agency is doubted: SC and six digits, or digits; XXXXXXX is an adoption agency."""
    if text in {"", "X" * 7}:
        return ""
    number = text.removeprefix("SC")
    return "" if _digits(number) and 5 <= len(number) <= 7 else "An Ofsted URN is SC and six digits, or digits."


def uln_problem(text: str) -> str:
    """Why a unique learner number is doubted: ten digits, the last a check digit (weights 10 to 2, modulo 11, from 10)."""
    if not text:
        return ""
    if not (_digits(text) and len(text) == 10):
        return "A ULN is ten digits."
    remainder = sum(int(digit) * weight for digit, weight in zip(text, _ULN_WEIGHTS, strict=False)) % 11
    if remainder == 0 or 10 - remainder != int(text[9]):
        return "The last digit of the ULN does not fit the others."
    return ""


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
