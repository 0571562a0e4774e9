"""How many frames a second the map draws while its vessels move, in a real browser.

The page on the real console over a real store, in headless Chromium without a graphics processor:
the worst that an operator's machine can be. The limit is the same browser with the same page and a
handful of vessels. ``tests/dashboards/fake_console.py`` is the console, with invented vessels.
"""

import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from bench.measure import ROUNDS, Figure, folder, say

ROOT: Final = Path(__file__).parents[1]
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
FEW: Final = 50
FLEETS: Final = (2_000, 10_000)
WINDOW_S: Final = 2
PATIENCE_MS: Final = 60_000

FRAMES: Final = """seconds => new Promise(resolve => {
    let first = null, frames = 0;
    const next = now => {
        first ??= now;
        if (now - first >= seconds * 1000) resolve(frames * 1000 / (now - first));
        else { frames += 1; requestAnimationFrame(next); }
    };
    requestAnimationFrame(next);
})"""
"""Counts the frames that the browser asks the page for, which it does as fast as it can draw."""


def measure(fleets: tuple[int, ...] = FLEETS) -> list[Figure]:
    """Return what each fleet leaves of the frames with a few vessels; nothing without a browser."""
    chromium = shutil.which("chromium")
    if chromium is None:
        say("  chromium is not installed: the map is not measured")
        return []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
        try:
            few, *many = [_frames_per_s(browser, vessels) for vessels in (FEW, *fleets)]
        finally:
            browser.close()
    return [
        Figure(
            what=f"frames of the map with {vessels:,} moving vessels ÷ with {FEW}",
            ratio=rate / few,
            parts=f"{rate:.1f} frames/s ÷ {few:.1f} frames/s, 1280 by 800, no graphics processor",
        )
        for vessels, rate in zip(fleets, many, strict=True)
    ]


def _frames_per_s(browser: Browser, vessels: int) -> float:
    say(f"  {vessels:,} moving vessels in a browser")
    with folder() as place, _console(place, vessels) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address)
        page.wait_for_selector(".pill.live")
        page.wait_for_selector('.map[aria-busy="false"]')
        page.wait_for_selector(f'.count:has-text("{vessels:,}")')
        page.wait_for_timeout(WINDOW_S * 1000)
        rates = [float(page.evaluate(FRAMES, WINDOW_S)) for _ in range(ROUNDS)]
        page.close()
        return median(rates)


@contextmanager
def _console(place: Path, vessels: int) -> Generator[str]:
    command = [sys.executable, "tests/dashboards/fake_console.py", str(place)]
    with subprocess.Popen(
        [*command, f"--vessels={vessels}"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.kill()
