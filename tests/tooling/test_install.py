"""Installing: nothing is done twice, nothing is taken that is not pinned, and the locks name no place."""

import json
import re

import pytest

from scripts import setup

ROOT = setup.ROOT


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "STAMPS", tmp_path / "stamps")
    (tmp_path / "input").write_text("one")
    return tmp_path


def test_a_step_is_done_once_for_the_same_input(project):
    done = []

    def make():
        done.append(1)
        (project / "product").touch()

    for _ in range(2):
        setup.step("thing", [project / "input", "word"], [project / "product"], make)
    assert len(done) == 1


@pytest.mark.parametrize("change", ["input", "word", "product"])
def test_a_step_is_done_again_when_something_changed(project, change):
    done = []

    def make():
        done.append(1)
        (project / "product").touch()

    setup.step("thing", [project / "input", "word"], [project / "product"], make)
    if change == "input":
        (project / "input").write_text("two")
    if change == "product":
        (project / "product").unlink()
    setup.step("thing", [project / "input", "more" if change == "word" else "word"], [project / "product"], make)
    assert len(done) == 2


def test_a_step_that_failed_is_tried_again(project):
    def fail():
        raise setup.SetupError("no")

    with pytest.raises(setup.SetupError):
        setup.step("thing", [project / "input"], [], fail)
    done = []
    setup.step("thing", [project / "input"], [], lambda: done.append(1))
    assert done == [1]


@pytest.mark.parametrize(
    ("source", "copied"),
    [
        (b"export{a};//# sourceMappingURL=all.min.js.map\n", b"export{a};\n"),
        (b"a{}/*# sourceMappingURL=all.css.map */", b"a{}"),
        (b"const a = 1;\n", b"const a = 1;\n"),
    ],
)
def test_a_source_map_is_not_named(tmp_path, source, copied):
    (tmp_path / "from.js").write_bytes(source)
    setup.copy_script(tmp_path / "from.js", tmp_path / "new" / "to.js")
    assert (tmp_path / "new" / "to.js").read_bytes() == copied


@pytest.mark.parametrize("lock", ["requirements.txt", "scripts/uv.txt", "scripts/node.txt", "scripts/bench.txt"])
def test_every_package_is_pinned_by_hash_and_no_place_is_named(lock):
    text = (ROOT / lock).read_text()
    packages = re.split(r"\n(?=[a-z])", text)[1:]
    assert packages
    assert [entry.split()[0] for entry in packages if "==" not in entry or "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?://|file:|index-url|find-links", text) == []


def test_every_npm_package_is_pinned_by_hash_and_no_place_is_named():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    fetched = {name: entry for name, entry in packages.items() if name}
    assert fetched
    assert [name for name, entry in fetched.items() if "integrity" not in entry or "resolved" in entry] == []


def test_the_style_sheets_name_no_font_that_may_not_be_used():
    sheets = {path.name: path.read_text() for path in (setup.BUILD / "css").glob("*.css")}
    assert set(sheets) == {f"{name}.css" for name in setup.STYLE_SHEETS}
    assert [name for name, text in sheets.items() if "GDS Transport" in text or "@font-face" in text] == []


def test_no_font_is_copied_but_those_of_paper():
    fonts = {".woff", ".woff2", ".ttf", ".otf"}
    copied = {path for path in setup.BUILD.rglob("*") if path.suffix in fonts}
    assert copied == {setup.BUILD / "paper" / name for name in setup.PAPER_FONTS}
