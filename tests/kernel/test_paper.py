"""A document as a tagged PDF: what a screen reader needs is there, and words are words."""

import io
from datetime import date

import pikepdf
import pytest
import typst

from virtualschool.kernel.paper import Paper, Part, Row, pdf

TITLE = "Amy Madeup: termly PEP"


def paper(**changes) -> Paper:
    parts = (
        Part("My views", (Row("What I like", ("I LOVE MATHS", "and Zoë")), Row("What I want", missing="Not answered"))),
        Part("To fill in", (Row("What helps", room=4),), words="Write as much as you like."),
    )
    facts = (Row("School", ("Alder School",)), Row("Grade", missing="none yet"))
    given = {
        "title": TITLE,
        "caption": "Autumn term 2026",
        "author": "Demo Council",
        "made": date(2026, 11, 10),
        "footer": "For the school",
        "facts": facts,
        "parts": parts,
    }
    return Paper(**given | changes)


def opened(document: Paper) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf(document)))


def kinds_in(node) -> set[str]:
    """The kinds of structure elements under a node of the structure tree."""
    if isinstance(node, pikepdf.Array):
        return set().union(*map(kinds_in, node))
    if not isinstance(node, pikepdf.Dictionary):
        return set()
    own = {str(node.S)} if "/S" in node else set()
    return own | (kinds_in(node.K) if "/K" in node else set())


def titles(document: pikepdf.Pdf) -> set[str]:
    """The headings, as a reader's outline of the document names them."""
    with document.open_outline() as outline:
        return {item.title for item in every(outline.root)}


def every(items):
    for item in items:
        yield item
        yield from every(item.children)


def test_it_says_its_title_and_language_and_has_a_structure():
    found = opened(paper())
    assert (str(found.Root.Lang), str(found.docinfo.Title)) == ("en-GB", TITLE)
    assert bool(found.Root.ViewerPreferences.DisplayDocTitle)
    assert bool(found.Root.MarkInfo.Marked)
    assert {"/H1", "/H2", "/H3", "/P", "/L"} <= kinds_in(found.Root.StructTreeRoot)


def test_it_claims_both_standards():
    metadata = opened(paper()).open_metadata()
    assert (metadata["pdfuaid:part"], metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("1", "2", "A")


@pytest.mark.parametrize(
    "words", ["#panic()", "*x* _y_ $z$", "<label> @ref", "= Heading", '"\\', '#import "x"', "😀 مرحبا"]
)
def test_words_are_set_and_never_evaluated(words):
    given = paper(title=words, caption=words, footer=words, parts=(Part(words, (Row(words, (words,)),), words=words),))
    assert str(opened(given).docinfo.Title) == words


def test_a_long_answer_goes_over_pages():
    long = paper(
        parts=(
            Part(
                "Views",
                (Row("All of it", tuple("A sentence that fills a line of the page. " * 30 for _ in range(20))),),
            ),
        )
    )
    assert len(opened(long).pages) > 3


def test_the_same_words_make_the_same_file():
    assert pdf(paper()) == pdf(paper())


def test_nothing_but_a_title_is_a_document_too():
    assert len(opened(paper(facts=(), parts=())).pages) == 1


def test_what_no_font_has_is_marked_and_the_reader_is_told():
    given = paper(
        parts=(
            Part(
                "Views",
                (
                    Row(
                        "My language",
                        ("中文，我喜欢数学", "ok"),
                    ),
                ),
            ),
        )
    )
    assert "About this copy" in titles(opened(given))
    assert "About this copy" not in titles(opened(paper(parts=(Part("Views", (Row("Mine", ("مرحبا Привет 😀",)),)),))))


@pytest.mark.parametrize(
    "odd", ["\uf0b7", "\ufeff", "\x07"], ids=["a bullet of another program", "a byte order mark", "a bell"]
)
def test_what_a_refusal_names_by_number_is_marked_too(odd):
    given = paper(title=f"{odd} Title", parts=(Part("Views", (Row("Mine", (f"{odd} first", "second")),)),))
    assert "About this copy" in titles(opened(given))


def test_another_refusal_is_not_hidden(monkeypatch):
    def refuse(*args, **kwargs):
        raise typst.TypstError("out of paper")

    monkeypatch.setattr(typst, "compile", refuse)
    with pytest.raises(typst.TypstError, match="out of paper"):
        pdf(paper())
