"""The page in a real browser, on the real console over a real store that invented vessels fill."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    expect,
    sync_playwright,
)

from dashboards.build import WEB, find_node
from dashboards.desk import STATIC

CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ROOT: Final = Path(__file__).parents[2]
CARD_PX: Final = 340
"""The map leaves this much to the card of details when it goes to a vessel."""

PATIENCE_MS: Final = 30_000
"""Software rendering on a shared machine takes its time."""

DRIVER_CHATTER: Final = "GL Driver Message"
"""What software rendering says of its own speed; no fault of the page."""

FRAMES: Final = """seconds => new Promise(resolve => {
    const times = [];
    const next = time => {
        times.push(time);
        if (time - times[0] < seconds * 1000) requestAnimationFrame(next);
        else {
            const gaps = times.slice(1).map((each, n) => each - times[n]).sort((a, b) => a - b);
            resolve([times.length / seconds, gaps[Math.floor(gaps.length * 0.95)]]);
        }
    };
    requestAnimationFrame(next);
})"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"{CHROMIUM} is not installed"),
    pytest.mark.skipif(not (STATIC / "index.html").is_file(), reason="the page is not built"),
]


class Served:
    """The console in a process of its own, which a test may kill and start again."""

    def __init__(self, folder: Path, vessels: int, language: str = "en") -> None:
        self._command = [
            sys.executable,
            str(Path(__file__).with_name("fake_console.py")),
            str(folder),
            f"--vessels={vessels}",
            f"--language={language}",
        ]
        self.address = ""
        self.start()

    def start(self) -> None:
        """Start it, at the address it had before if it had one."""
        port = self.address.rpartition(":")[2] or "0"
        self._process = subprocess.Popen(
            [*self._command, f"--port={port}"], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._process.communicate()


class Watched:
    """A page and everything that went wrong in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.faults: list[str] = []
        self.elsewhere: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: self._asked(request.url))

    def open(self, hash_: str = "") -> Page:
        """Go there and wait for what a person waits for: a live page with its map."""
        self.page.goto(f"{self.address}/{hash_}")
        expect(self.page.locator(".pill.live")).to_be_visible()
        expect(self.page.locator(".maplibregl-canvas")).to_be_visible()
        expect(self.page.locator(".alarm").first).to_be_visible()
        expect(self.page.locator(".map")).to_have_attribute("aria-busy", "false")
        return self.page

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and DRIVER_CHATTER not in message.text:
            self.faults.append(message.text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.elsewhere.append(url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a real browser."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        yield browser
        browser.close()


@contextmanager
def serving(folder: Path, vessels: int) -> Generator[Served]:
    """Serve a console, and end it."""
    served = Served(folder, vessels)
    try:
        yield served
    finally:
        served.kill()


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a console with some vessels; tests of looks and handling share it."""
    with serving(tmp_path_factory.mktemp("console"), 300) as served:
        yield served


Open = Callable[..., Watched]


@pytest.fixture
def watch(browser: Browser, console: Served) -> Iterator[Open]:
    """Return a way to make a page like a certain operator's."""
    contexts: list[BrowserContext] = []

    def make(
        *,
        address: str = console.address,
        language: str = "en",
        scheme: str = "dark",
        name: str = "",
    ) -> Watched:
        context = browser.new_context(
            viewport={"width": 1440, "height": 860},
            color_scheme="light" if scheme == "light" else "dark",
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(
            f"localStorage['haechi.language'] ??= '{language}';"
            f"if ('{name}') localStorage['haechi.operator'] ??= '{name}';"
        )
        contexts.append(context)
        return Watched(context.new_page(), address)

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("language", "scheme", "title", "direction", "sentence"),
    [
        ("en", "dark", "Alarms", "ltr", "goes up to 14.6 kn where 12 kn is the limit of Busan"),
        ("en", "light", "Alarms", "ltr", "drifts sideways since"),
        ("ko", "dark", "경보", "ltr", "최고 속력 14.6 kn, 제한속력 12 kn(Busan north harbour)"),
        ("ar", "dark", "الإنذارات", "rtl", "بلغت السرعة 14.6 عقدة والحد الأقصى 12 عقدة"),
    ],
)
def test_the_page_is_whole_in_every_language_and_light(  # noqa: PLR0917 - a table
    watch: Open,
    tmp_path: Path,
    language: str,
    scheme: str,
    title: str,
    direction: str,
    sentence: str,
) -> None:
    """It and what rules say speak the language; it is live, whole and asks no other machine."""
    watched = watch(language=language, scheme=scheme)
    page = watched.open()
    expect(page.locator(".alarms h2")).to_have_text(title)
    expect(page.locator("html")).to_have_attribute("dir", direction)
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    expect(page.locator(".alarm")).to_have_count(6)
    told = page.locator(".alarm", has_text=sentence)
    expect(told.locator(".text > bdi")).to_have_attribute("dir", direction)
    told.locator(".alarm-row").click()
    expect(page.locator(".details .card p").first).to_contain_text(sentence)
    expect(page.locator(".details .finding p").first).to_contain_text(sentence)
    page.screenshot(path=tmp_path / f"page-{language}-{scheme}.png")
    assert (watched.faults, watched.elsewhere) == ([], [])


def test_w4_hostile_names_stay_text(watch: Open) -> None:
    """W4: markup, overrides and endless names are shown as text, in lists, details and map."""
    watched = watch()
    page = watched.open()
    names = page.locator(".alarm .who bdi").all_text_contents()
    assert any(name.startswith("<img src=x") for name in names)
    assert not any("\u202e" in name for name in names)
    for index in range(6):
        page.locator(".alarm-row").nth(index).click()
        expect(page.locator(".details h2")).not_to_be_empty()
    assert page.locator("img[src='x']").count() == 0
    assert watched.faults == []


def test_an_alarm_is_acknowledged_by_keyboard_alone(watch: Open) -> None:
    """Name asked once, then J and A do it; the server's answer is what the list shows."""
    page = watch().open()
    page.keyboard.press("j")
    row = page.locator(".alarm", has=page.locator(":focus"))
    expect(row).to_have_class(re.compile("ACTIVE_UNACK"))
    name = row.locator(".who").inner_text()
    page.keyboard.press("a")
    page.locator("dialog input").fill("Kim")
    page.keyboard.press("Enter")
    acknowledged = page.locator(".alarm", has_text=name.splitlines()[0]).first
    expect(acknowledged).to_have_class(re.compile("ACTIVE_ACK"))
    expect(acknowledged.locator(".state")).to_contain_text("Kim")


def in_a_storm(route: Route) -> None:
    """Answer with forty more alarms about silent vessels than there are."""
    response = route.fetch()
    snapshot = response.json()
    silent = next(alarm for alarm in snapshot["alarms"] if alarm["kind"] == "silence")
    storm = [{**silent, "id": f"s{n}", "subject": f"mmsi:{n}"} for n in range(40)]
    route.fulfill(response=response, json={**snapshot, "alarms": [*snapshot["alarms"], *storm]})


def test_a2_a_storm_is_one_line_that_opens_and_folds_by_keyboard(watch: Open) -> None:
    """It hides nobody, keeps its place under what is more urgent, and keys do nothing to all."""
    watched = watch(name="Kim")
    watched.page.route("**/api/snapshot", in_a_storm)
    page = watched.open()
    rows, burst = page.locator(".alarm-row"), page.locator(".burst .alarm-row")
    expect(burst).to_contain_text(re.compile(r"41 \W AIS silent"))
    expect(rows).to_have_count(6)
    expect(rows.first).to_contain_text("Impossible motion")
    for _ in range(5):
        page.keyboard.press("j")
    expect(burst).to_be_focused()
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(47)
    expect(burst).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(6)
    expect(page.locator(".toast")).to_be_hidden()
    assert watched.faults == []


def test_what_cannot_be_done_is_said(watch: Open) -> None:
    """A comment goes through and stands in the history; without a connection it says so."""
    watched = watch(name="Lee")
    page = watched.open()
    page.locator(".alarm-row").last.click()
    page.keyboard.press("n")
    page.locator(".note input").fill("<b>called on channel 16</b>")
    page.keyboard.press("Enter")
    expect(page.locator(".history q").first).to_have_text("<b>called on channel 16</b>")
    page.route("**/api/alarms/*/comment", lambda route: route.abort())
    page.keyboard.press("n")
    page.locator(".note input").fill("again")
    page.keyboard.press("Enter")
    expect(page.locator(".toast.problem")).to_contain_text("no connection")
    expect(page.locator(".note input")).to_have_value("again")


def test_the_address_keeps_what_is_selected(watch: Open, tmp_path: Path) -> None:
    """A reload shows the same alarm with its values and thresholds; Escape lets go of it."""
    watched = watch()
    page = watched.open()
    page.locator(".alarm-row").first.click()
    expect(page.locator(".details .card")).to_contain_text("Critical")
    page.reload()
    expect(page.locator(".details .card")).to_contain_text("Critical")
    page.locator(".details summary", has_text="Findings").click()
    expect(page.locator(".values").first).to_contain_text("implied")
    expect(page.locator(".values").first).to_contain_text("212.7 kn")
    page.screenshot(path=tmp_path / "page-alarm.png")
    page.keyboard.press("Escape")
    expect(page.locator(".details")).to_be_hidden()
    assert "alarm=" not in page.url
    assert watched.faults == []


def test_a_vessel_is_chosen_on_the_map(watch: Open) -> None:
    """A click where a vessel is drawn shows it, and a click beside all of them lets go of it."""
    page = watch().open("#map=13/34.97/129.14")
    page.locator(".alarm-row").first.click()
    expect(page.locator(".details h2")).to_have_text("HAECHI 0")
    expect(page).not_to_have_url(re.compile(r"=13/34\.97/129\.14&"))
    page.keyboard.press("Escape")
    middle = page.locator(".map").bounding_box()
    assert middle is not None
    x, y = middle["width"] / 2 + CARD_PX / 2, middle["height"] / 2
    page.locator(".map").click(position={"x": x, "y": y})
    expect(page.locator(".details h2")).to_have_text("HAECHI 0")
    page.locator(".map").click(position={"x": x + 80, "y": y})
    expect(page.locator(".details")).to_be_hidden()


def test_the_page_resumes_after_the_server_was_killed(watch: Open, tmp_path: Path) -> None:
    """It says what it does not know, then goes on from where it was without reading all again."""
    with serving(tmp_path, 50) as served:
        watched = watch(address=served.address)
        page = watched.open()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        expect(page.get_by_text("Platform well")).to_be_visible()
        served.kill()
        expect(page.locator(".pill.reconnecting")).to_be_visible()
        expect(page.locator(".pill.unknown")).to_have_text(
            re.compile(r"State unknown since [\d:]{8}Z")
        )
        expect(page.get_by_text("Platform well")).to_be_hidden()
        served.start()
        expect(page.locator(".pill.live")).to_be_visible()
        expect(page.get_by_text("Platform well")).to_be_visible()
        expect(page.locator(".count")).to_contain_text("50")
        assert not [url for url in asked if "snapshot" in url]


def test_map_1_two_thousand_moving_vessels(
    watch: Open, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """MAP-1: 2,000 moving vessels are drawn without complaint; frames are reported, not judged."""
    with serving(tmp_path, 2000) as served:
        watched = watch(address=served.address)
        page = watched.open()
        expect(page.locator(".count")).to_contain_text("2,000")
        rate, p95_ms = page.evaluate(FRAMES, 2)
        record_property("frames_per_second", round(rate, 1))
        record_property("p95_frame_ms", round(p95_ms))
        page.screenshot(path=tmp_path / "page-2000.png")
        assert watched.faults == []


def test_the_pages_own_tests_pass() -> None:
    """Words are complete in every language; formats, reducers and conflation hold."""
    if not (WEB / "node_modules").is_dir() or shutil.which("node") is None:
        pytest.skip("the page's packages are not installed: run make web")
    node = find_node()
    done = subprocess.run(
        [str(node), "node_modules/vitest/vitest.mjs", "run"],
        cwd=WEB,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
