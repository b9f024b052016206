"""Money in words."""

import pytest

from virtualschool.kernel.money import pounds


@pytest.mark.parametrize(
    ("pence", "words"),
    [
        (0, "£0.00"),
        (5, "£0.05"),
        (123456, "£1,234.56"),
        (-123456, "−£1,234.56"),
        (-5, "−£0.05"),
        (12345678901234567, "£123,456,789,012,345.67"),
    ],
)
def test_pounds(pence, words):
    assert pounds(pence) == words
