"""Words of a page."""

import re


def says(html: str, word: str) -> bool:
    """Whether ``word`` stands in it as a word: a random token of the page may hold the same letters by chance."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", html) is not None
