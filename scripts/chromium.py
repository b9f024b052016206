"""The browser for tests: unpacks what the npm package carries and says how to start it."""

import io
import os
import shutil
import sys
import tarfile
from ctypes.util import find_library
from pathlib import Path

import brotli

ROOT = Path(__file__).resolve().parent.parent
PACKED = ROOT / "node_modules" / "@sparticuz" / "chromium" / "bin"
HOME = ROOT / "var" / "cache" / "chromium"
EXECUTABLE = HOME / "chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Only the fonts that come with the browser, so that a page looks the same on every machine.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias><family>Arial</family><prefer><family>Open Sans</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
"""


def unpack() -> None:
    """Unpack into a new directory and rename, so that a broken-off run leaves nothing half done."""
    new = HOME.with_name(f"chromium.{os.getpid()}")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    (new / "chromium").write_bytes(brotli.decompress((PACKED / "chromium.br").read_bytes()))
    (new / "chromium").chmod(0o755)
    for name in ("fonts", "swiftshader", "al2023"):
        packed = brotli.decompress((PACKED / f"{name}.tar.br").read_bytes())
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(new / name)  # noqa: S202 -- the package lock pins its hash
    (new / "fonts.conf").write_text(FONTS.format(fonts=HOME / "fonts", cache=HOME / "fontcache"))
    shutil.rmtree(HOME, ignore_errors=True)
    new.rename(HOME)


def environment() -> dict[str, str]:
    """Environment for the browser: its own fonts, and its own libraries where the system has none."""
    found = {"FONTCONFIG_FILE": str(HOME / "fonts.conf")}
    if not find_library("nss3"):
        libraries = next(HOME.joinpath("al2023").rglob("libnss3.so"))
        found["LD_LIBRARY_PATH"] = str(libraries.parent)
    return found


if __name__ == "__main__":
    if sys.argv[1:] != ["unpack"]:
        sys.exit("usage: chromium.py unpack")
    unpack()
