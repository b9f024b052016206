"""Templates are used, escape what they show, and hold no script or style of their own."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, called, modules

TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
# Drawn by Django, by the sign-in library and by the form library under names of their own.
BY_LIBRARIES = ("account/", "mfa/", "allauth/", "vs_forms/")
BY_DJANGO = {"403.html", "404.html", "500.html"}
FORBIDDEN = {
    "a script of its own": re.compile(r"<script(?![^>]*\ssrc=)", re.I),
    "a style of its own": re.compile(r"<style|\sstyle\s*=", re.I),
    "an event handler": re.compile(r"<[^>{]*\son[a-z]+\s*=", re.I),
    "an unescaped value": re.compile(r"\|\s*(safe|safeseq)\b|autoescape\s+off"),
    "a link that runs": re.compile(r"(href|action|src)\s*=\s*[\"']?\s*(javascript|data):", re.I),
    "somebody else's host": re.compile(r"(href|src|action)\s*=\s*[\"'](https?:)?//", re.I),
}


@cache
def code() -> str:
    """All that may name a template."""
    sources = [path.read_text() for path in modules().values()]
    return "\n".join(sources + [path.read_text() for path in TEMPLATES])


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=called)
def test_a_template_holds_no_script_or_style_and_escapes_what_it_shows(path: Path) -> None:
    text = path.read_text()
    assert [words for words, pattern in FORBIDDEN.items() if path.suffix == ".html" and pattern.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=called)
def test_a_template_is_used(path: Path) -> None:
    name = name_of(path)
    if not name.startswith(BY_LIBRARIES) and name not in BY_DJANGO:
        assert f'"{name}"' in code() or f"'{name}'" in code() or _named_by_parts(name)


def _named_by_parts(name: str) -> bool:
    """``jobs/email/nudge.txt`` may be named as ``jobs/email/{kind}``."""
    stem = name.rsplit("/", 1)[0]
    return f'"{stem}/{{' in code() or f"{stem}/{{" in code()


def test_the_patterns_find_what_they_forbid() -> None:
    samples = [
        "<script>x</script>",
        '<p style="color:red">',
        '<button onclick="x()">',
        "{{ words|safe }}",
        '<a href="javascript:x">',
        '<img src="https://example.org/x.png">',
    ]
    assert [[words for words, pattern in FORBIDDEN.items() if pattern.search(one)] for one in samples] == [
        [words] for words in FORBIDDEN
    ]


def test_no_code_marks_words_as_safe_but_what_draws_forms() -> None:
    """``mark_safe`` on a value somebody typed is a way in; the macros that draw forms escape by themselves."""
    allowed = {"virtualschool.kernel.formrendering", "virtualschool.kernel.fieldparts"}
    found = {
        name
        for name, path in modules().items()
        if re.search(r"\bmark_safe\(|\.csrf_exempt|@csrf_exempt", path.read_text())
    }
    assert found <= allowed
