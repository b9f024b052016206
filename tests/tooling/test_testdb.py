"""The dump that test databases start from is made anew whenever a migration could make something else."""

import os

import pytest

from scripts import testdb


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A migration that imports a module, which imports another; and a view, which nobody imports."""
    monkeypatch.setattr(testdb, "ROOT", tmp_path)
    monkeypatch.setattr(testdb, "PACKAGES", ("peps",))
    files = {
        "requirements.txt": "",
        "scripts/roles.sql": "",
        "peps/__init__.py": "",
        "peps/migrations/__init__.py": "",
        "peps/migrations/0001_initial.py": "from peps import triggers",
        "peps/triggers.py": "from peps.words import WORDS",
        "peps/words.py": "WORDS = []",
        "peps/views.py": "from peps import words",
        "peps/layouts/first.toml": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt",
        "scripts/roles.sql",
        "peps/__init__.py",
        "peps/migrations/0001_initial.py",
        "peps/triggers.py",
        "peps/words.py",
        "peps/layouts/first.toml",
    ],
)
def test_a_change_that_may_matter(project, name):
    before = testdb.fingerprint()
    with (project / name).open("a") as file:
        file.write("\n")
    assert testdb.fingerprint() != before


def test_a_new_migration_matters(project):
    before = testdb.fingerprint()
    (project / "peps/migrations/0002_more.py").write_text("")
    assert testdb.fingerprint() != before


def test_a_change_that_cannot_matter(project):
    before = testdb.fingerprint()
    (project / "peps/views.py").write_text("")
    assert testdb.fingerprint() == before


def test_only_the_newest_dumps_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(testdb, "CACHE", tmp_path)
    names = [f"{number}.sql" for number in range(testdb.KEPT + 2)]
    for age, name in enumerate(names):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    testdb.drop_oldest()
    assert sorted(path.name for path in tmp_path.iterdir()) == names[: testdb.KEPT]
