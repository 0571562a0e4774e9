"""The page of shipments in a real browser, on the real console over invented cargo."""

import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from analytics.cargo_words import TITLES
from analytics.words import KINDS
from dashboards.build import WEB
from dashboards.desk import STATIC
from haechi.settings import DEFAULTS
from tests.dashboards.cargo_console import register
from tests.dashboards.fake_cargo import SAILING, WRONG, cargo, judge, wrong
from tests.dashboards.test_page import CHROMIUM, FLAGS, PATIENCE_MS, ROOT, Watched

LANGUAGES: Final = ("en", "ko", "ar")
RED_WITHIN_S: Final = 2.0
MANIFEST: Final = """\
B/L number,Vessel,IMO,Voyage,Container,Seal,Goods,Consignee,Importer tax number
NEWB0001,BLUE CEDAR,9074729,026W,CSQU3054383,H1,Milk powder,Nile Lotus Imports,498847098
NEWB0002,BLUE CEDAR,9074729,026W,MSKU9070324,H2,Cotton,,
"""
"""A bill of which a draft is made; one that does not say whose it is, in a wrongly numbered box."""

in_browser = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"{CHROMIUM} is not installed"),
    pytest.mark.skipif(
        not (STATIC / "shipments.html").is_file(), reason="the page is not built: run make web"
    ),
]


class Served:
    """The console in a process of its own."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.dashboards.fake_cargo", str(folder)]
        self.folder = folder
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a console with cargo."""
    served = Served(tmp_path_factory.mktemp("cargo"))
    yield served
    served.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a real browser."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        yield browser
        browser.close()


Open = Callable[..., tuple[Watched, Page]]


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Open]:
    """Return a way to open the page as an officer with a language."""
    contexts: list[BrowserContext] = []

    def make(hash_: str = "", language: str = "en") -> tuple[Watched, Page]:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(f"localStorage['haechi.language'] ??= '{language}'")
        contexts.append(context)
        watched = Watched(context.new_page(), served.address)
        watched.page.goto(f"{served.address}/shipments.html{hash_}")
        expect(watched.page.locator(".pill.live")).to_be_visible()
        return watched, watched.page

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_reasons_are_called_as_the_cross_check_calls_them(language: str) -> None:
    """On their page and on the map, the words for each code are those of the server."""
    words = json.loads((WEB / f"src/words/shipments/{language}.json").read_text(encoding="utf-8"))
    of_map = json.loads((WEB / f"src/words/{language}.json").read_text(encoding="utf-8"))
    place = LANGUAGES.index(language)
    for code, titles in TITLES.items():
        assert words[f"reason.code.{code}"] == of_map[f"kind.{code}"] == titles[place]


def test_the_map_has_words_for_whatever_the_rules_find() -> None:
    """Every rule that is shipped, and every kind that the messages to people know."""
    words = json.loads((WEB / "src/words/en.json").read_text(encoding="utf-8"))
    rules = tomllib.loads((DEFAULTS / "rules.toml").read_text(encoding="utf-8"))["rule"]
    assert {f"rule.{rule['type']}" for rule in rules} <= words.keys()
    assert not {kind for kind in KINDS if not {f"kind.{kind}", f"rule.{kind}"} & words.keys()}


@pytest.mark.slow
class TestInABrowser:
    """What an officer sees and does."""

    pytestmark = in_browser

    @pytest.mark.parametrize(
        ("language", "title", "direction"),
        [("en", "Shipments", "ltr"), ("ko", "화물", "ltr"), ("ar", "الشحنات", "rtl")],
    )
    def test_the_list_begins_with_the_most_urgent(
        self, visit: Open, tmp_path: Path, language: str, title: str, direction: str
    ) -> None:
        """By what was found, then by the time left; in each language, without complaint."""
        watched, page = visit(language=language)
        rows = page.locator(".list tbody tr")
        expect(rows).to_have_count(len(cargo()) + 3)
        expect(page.locator(".list h2")).to_have_text(title)
        expect(page.locator("html")).to_have_attribute("dir", direction)
        order = [row.get_attribute("data-reference") for row in rows.all()]
        assert order[: len(WRONG) + 3] == ["S-0", "S-1", "S-2", "S-3", "S-W0", "S-W1", "S-W2"]
        expect(rows.nth(0)).to_have_class("red")
        expect(rows.nth(3)).to_have_class("amber")
        lights = [rows.nth(place).locator(".due .lamp") for place in (4, 5, 6)]
        for light, colour in zip(lights, ("red", "amber", "green"), strict=True):
            expect(light).to_have_class(f"lamp {colour}")
        expect(rows.nth(4).locator(".standing .lamp")).to_have_count(0)
        expect(rows.nth(7).locator(".standing .lamp.green")).to_be_visible()
        page.screenshot(path=tmp_path / f"shipments-{language}.png")
        assert (watched.faults, watched.elsewhere) == ([], [])

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_shipment_says_why_it_is_red(
        self, visit: Open, tmp_path: Path, language: str
    ) -> None:
        """The two facts with who says each, the opened seal, the route and every moment."""
        watched, page = visit("#shipment=S-0", language)
        (title,) = (titles for code, titles in TITLES.items() if code == WRONG[0])
        card = page.locator(".reasons .card")
        expect(card).to_contain_text(title[LANGUAGES.index(language)])
        expect(card.locator(".sides dd")).to_have_count(2)
        expect(page.locator(".box-list .lamp.red")).to_have_count(1)
        expect(page.locator(".deadlines li")).not_to_have_count(0)
        expect(page.locator(".moments tbody tr")).not_to_have_count(0)
        expect(page.locator(".paper-list li")).to_have_count(4)
        expect(page.locator(".route .maplibregl-canvas")).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=tmp_path / f"shipment-{language}.png", full_page=True)
        assert (watched.faults, watched.elsewhere) == ([], [])

    def test_a_shipment_is_found_by_any_of_its_numbers(self, visit: Open) -> None:
        """As typed into the search: ACID, bill, container, seal and vessel; or by a company."""
        shipment = cargo()[SAILING].shipment
        (packing,) = shipment.containers
        numbers = (packing.bill, packing.container, packing.seals[0], shipment.transport.mmsi)
        _, page = visit()
        rows = page.locator(".list tbody tr")
        expect(rows.last).to_contain_text(shipment.exporter.number)
        expect(page.locator("tr[data-reference='S-W0']")).to_contain_text("no name declared")
        for number in (shipment.acid or "", *numbers, shipment.exporter.name):
            page.keyboard.press("/")
            page.keyboard.press("Control+A")
            page.keyboard.type(number)
            expect(rows).to_have_count(1)
            expect(rows).to_have_attribute("data-reference", shipment.reference)
            page.keyboard.press("Escape")
            expect(rows).to_have_count(len(cargo()) + 3)

    def test_it_is_all_done_by_keyboard(self, visit: Open) -> None:
        """Down the list, into a shipment and back."""
        _, page = visit()
        expect(page.locator(".list tbody tr").first).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator(".dossier h2")).to_have_text(cargo()[1].shipment.acid or "")
        page.keyboard.press("Escape")
        expect(page.locator(".list tbody tr").first).to_be_visible()

    def test_a_search_leads_into_what_it_found_and_back_to_it(self, visit: Open) -> None:
        """Down to the first row; the only one opens at once; back, the search is as it was."""
        _, page = visit()
        rows = page.locator(".list tbody tr")
        page.keyboard.press("/")
        page.keyboard.type("nile")
        expect(rows).to_have_count(len(cargo()) - 1)
        page.keyboard.press("ArrowDown")
        expect(rows.first.locator("a")).to_be_focused()
        page.keyboard.press("/")
        page.keyboard.type(" imports 3")
        expect(rows).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.locator(".who")).to_contain_text("Nile Imports 3")
        page.keyboard.press("Escape")
        expect(rows).to_have_count(1)
        expect(page.locator(".list input[type=search]")).to_have_value("nile imports 3")

    def test_a_shipment_that_is_not_there_is_said(self, visit: Open) -> None:
        """With the way to those that are; another number of one leads to it."""
        watched, page = visit("#shipment=S-404")
        expect(page.locator(".absent")).to_contain_text("There is no shipment S-404")
        page.goto("about:blank")
        page.goto(f"{watched.address}/shipments/{cargo()[SAILING].shipment.acid}")
        expect(page.locator(".dossier h2")).to_have_text(cargo()[SAILING].shipment.acid or "")
        assert page.url.endswith(f"#shipment=S-{SAILING}")
        page.goto("about:blank")
        page.goto(f"{watched.address}/shipments/S&1")
        page.locator(".absent a").click()
        expect(page.locator(".list tbody tr").first).to_be_visible()

    def test_hostile_names_stay_text(self, visit: Open) -> None:
        """In the list and on the page of the shipment."""
        watched, page = visit()
        expect(page.locator("tr[data-reference='S-1']")).to_contain_text("<img src=x")
        page.goto(f"{watched.address}/shipments.html#shipment=S-1")
        expect(page.locator(".who")).to_contain_text("<img src=x")
        expect(page.locator(".box-list")).to_contain_text("EVIL<b>")
        assert page.locator("img, .dossier b b").count() == 0
        assert watched.faults == []

    @pytest.mark.alone
    def test_it_turns_red_within_two_seconds(
        self, visit: Open, served: Served, record_property: Callable[[str, object], None]
    ) -> None:
        """From the moment at which the cross-check has written what it found."""
        _, page = visit(f"#shipment=S-{SAILING}")
        expect(page.locator(".verdict.green")).to_be_visible()
        kept = register(served.folder)
        begun = time.monotonic()
        judge(kept, wrong("undeclared_call", cargo()[SAILING]), datetime.now(UTC))
        kept.close()
        expect(page.locator(".verdict.red")).to_be_visible()
        took_s = time.monotonic() - begun
        record_property("red_after_s", round(took_s, 2))
        assert took_s < RED_WITHIN_S
        expect(page.locator(".reasons .card .sides")).to_be_visible()

    @pytest.mark.statement("K16")
    def test_the_map_and_the_shipments_lead_to_each_other(self, visit: Open) -> None:
        """From the vessel of a shipment to the map, and from there to her shipments."""
        watched, page = visit("#shipment=S-0")
        page.locator(".who a").click()
        expect(page.locator(".details .to-shipments")).to_be_visible()
        page.locator(".details .to-shipments").click()
        expect(page.locator("tr[data-reference='S-0']")).to_be_visible()
        expect(page.locator("tr[data-reference='S-2']")).to_have_count(0)
        assert watched.faults == []

    def test_a_file_is_handed_in_and_its_problems_are_told(
        self, visit: Open, tmp_path: Path
    ) -> None:
        """One makes a draft and says why the rest is left out; one is refused with the reason."""
        watched, page = visit(language="ar")
        page.locator(".imports > summary").press("Enter")
        expect(page.locator(".imports input[value=check]")).to_be_checked()
        page.locator(".imports input[value=check]").press("ArrowDown")
        manifest = tmp_path / "cargo<b>.csv"
        manifest.write_text(MANIFEST, encoding="utf-8")
        page.locator(".imports input[type=file]").set_input_files(manifest)
        page.locator("dialog input").fill("Mona")
        page.keyboard.press("Enter")
        first = page.locator(".reports > li").first
        expect(first).to_contain_text("cargo<b>.csv")
        lines = first.locator(".lines").first.locator("tbody tr")
        expect(lines).to_have_count(3)
        expect(lines.nth(0)).to_contain_text("NEWB0002")
        expect(lines.nth(0).locator(".lamp.amber")).to_be_visible()
        expect(first.locator(".lines").last).to_contain_text("check digit")
        broken = tmp_path / "broken.edi"
        broken.write_bytes(b"\x00\x01 nothing that anybody reads")
        page.locator(".imports input[type=file]").set_input_files(broken)
        expect(first).to_contain_text("broken.edi")
        expect(first.locator(".lamp.red")).to_be_visible()
        expect(first.locator(".problem")).not_to_be_empty()
        page.locator(".lines tr", has_text="NEWB0001").locator("a").click()
        expect(page.locator(".who")).to_contain_text("NEWB0001")
        assert watched.faults == []
