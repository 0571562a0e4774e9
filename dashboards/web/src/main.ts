// Puts the page together. What each part does is in its own module.

import "./style.css";

import * as api from "./api";
import { AlarmList } from "./alarms";
import { areas, busiest } from "./areas";
import { Ear } from "./bursts";
import { Conflator, nextFrame } from "./conflation";
import { h, ltr, say, set } from "./dom";
import { boundsOf, decimal, minutes, positions } from "./geo";
import { headline, who } from "./headlines";
import { showHelp } from "./help";
import { kindOf } from "./kinds";
import { legend } from "./legend";
import { LiveMap } from "./map";
import { askOperator, operator, whoActs } from "./operator";
import { PALETTES } from "./palette";
import { Selected } from "./selection";
import { firstSnapshot, languageChoice, speakAs, themeChoice } from "./settings";
import { Sound } from "./sound";
import { calls, type Filter, listed, rank, World } from "./state";
import { Status } from "./status";
import { Stream } from "./stream";
import { showInTab } from "./tab";
import { onSystemChange, theme } from "./theme";
import { LocalClock } from "./time";
import type { Alarm, Snapshot, Zones } from "./types";
import { currentLanguage, t } from "./words";
import { ATTRIBUTION } from "./basemap";

const LIST_EVERY_MS = 100;
const TOAST_MS = 6_000;
const TARGETS_MS = 3_000;
/** A harbour with its approaches. */
const WIDE_ZOOM = 9;
const WAITING: Filter = { shelf: "open", hidden: new Set(), unacknowledged: false, text: "" };

class Page {
  private readonly world = new World();
  private readonly status: Status;
  private readonly list: AlarmList;
  private readonly selected: Selected;
  private readonly stream: Stream;
  private readonly sound = new Sound(() => this.status.showSound(this.sound.state));
  private readonly rendering = new Conflator<"list">(() => this.renderAlarms(), nextFrame, LIST_EVERY_MS);
  private readonly ear = new Ear();
  private readonly spoken = h("div", { class: "spoken", role: "log", "aria-live": "assertive" });
  private readonly toast = h("div", { class: "toast", role: "status", hidden: true });
  private readonly cursor = h("output", { class: "cursor", "aria-label": t("map.cursor") });
  private readonly hint = h("div", { class: "hint", hidden: true });
  private readonly zoneChoice = h("select", { "aria-label": t("map.goto") }, h("option", { value: "" }, t("map.goto")));
  private readonly mapPlace = h("div", { class: "map", role: "application", "aria-label": t("map.label"), "aria-busy": "true", "data-wait": t("map.loading") });
  private readonly local: LocalClock;
  private map: LiveMap | null = null;
  private zones: Zones | null = null;
  private clockAheadMs = 0;
  private toastUntil = 0;
  private targetsDueMs = 0;

  constructor(first: Snapshot) {
    this.local = new LocalClock(first.time_zone, currentLanguage());
    const now = (): number => this.now();
    this.selected = new Selected({
      world: this.world, local: this.local, now, say: (words) => this.say(words),
      list: () => this.list, map: () => this.map,
    });
    this.list = new AlarmList(this.world, now, this.local, {
      chosen: (alarm) => this.selected.alarm(alarm),
      act: (alarm, act, body) => this.act(alarm, act, body),
    });
    this.status = new Status(this.world, now, this.local, {
      sound: () => this.sound.toggle(),
      operator: () => void askOperator().then(() => this.status.showOperator(operator())),
      help: () => showHelp(),
    }, [themeChoice(() => this.applyTheme()), languageChoice()]);
    this.stream = new Stream(() => this.readSnapshot(), {
      snapshot: (snapshot) => this.load(snapshot),
      vessels: (vessels) => this.takeVessels(this.world.takeVessels(vessels)),
      alarms: (alarms) => this.takeAlarms(alarms),
      health: (health) => {
        this.clockAheadMs = Date.parse(health.now) - Date.now();
        this.status.showHealth(health);
      },
      connection: (state) => this.status.showConnection(state),
    });
  }

  async run(): Promise<void> {
    this.lay();
    this.openMap();
    this.listen();
    setInterval(() => this.tick(), 1000);
    await this.stream.start();
    await this.openZones();
    this.selected.restore();
    this.tick();
  }

  private now(): number {
    return Date.now() + this.clockAheadMs;
  }

  private lay(): void {
    document.body.replaceChildren(
      h("a", { class: "skip", href: "#alarms", onclick: (event) => this.skip(event) }, t("app.skip")),
      this.status.element,
      h("main", {}, h("div", { class: "stage" }, this.mapPlace, this.selected.details.element, this.hint, legend()), this.list.element),
      h("footer", {}, this.zoneChoice,
        h("button", { type: "button", onclick: () => this.map?.fitAll() }, t("map.everything")),
        this.cursor, h("span", { class: "gap" }), ltr(ATTRIBUTION, "fine")),
      this.toast,
      this.spoken,
    );
    this.status.showSound(this.sound.state);
    this.status.showOperator(operator());
    this.status.showConnection("connecting");
  }

  private openMap(): void {
    try {
      this.map = new LiveMap(this.mapPlace, this.world, () => this.now(), {
        picked: (subject) => (subject === null ? this.selected.nothing() : this.selected.vessel(subject)),
        pointed: (lat, lon) => this.cursor.replaceChildren(ltr(minutes(lat, lon)), ltr(decimal(lat, lon), "figure dim")),
        hovered: (text, x, y) => this.showHint(text, x, y),
      }, theme());
    } catch (error) {
      this.mapPlace.replaceChildren(h("p", { class: "problem" }, t("map.failed", { reason: String(error) })));
      return;
    }
    void LiveMap.openBasemap().then((isThere) => {
      if (!isThere) this.say(t("map.no_basemap"));
    });
  }

  private async openZones(): Promise<void> {
    this.zones = await api.zones().catch(() => null);
    if (this.zones === null) return;
    const zones = this.zones;
    this.world.takeZones(zones);
    this.list.refill();
    this.zoneChoice.append(...zones.features.map((zone, index) => h("option", { value: index }, zone.properties.name)));
    this.zoneChoice.addEventListener("change", () => {
      const zone = zones.features[Number(this.zoneChoice.value)];
      const bounds = zone === undefined || this.zoneChoice.value === "" ? null : boundsOf(positions(zone.geometry));
      if (bounds !== null) this.map?.fit(bounds, 13);
      this.zoneChoice.value = "";
    });
    if (this.map === null) return;
    await this.map.ready;
    this.map.showZones(zones);
    void this.map.settled().then(() => set(this.mapPlace, { "aria-busy": "false" }));
    if (!this.map.hasView) this.lookAround(this.map, zones);
  }

  /** Begin with the water around the most urgent alarm, else around the busiest zones. */
  private lookAround(map: LiveMap, zones: Zones): void {
    const [worst] = listed(this.world.alarms.values(), WAITING);
    const place = worst === undefined ? undefined : this.world.vessels.get(worst.subject) ?? worst;
    const area = busiest(areas(zones), this.world.vessels.values());
    if (place !== undefined && place.lat !== null && place.lon !== null) map.look(place.lon, place.lat, WIDE_ZOOM);
    else if (area !== null) map.fit(area, WIDE_ZOOM);
    else map.fitAll();
  }

  private async readSnapshot(): Promise<Snapshot> {
    return api.snapshot();
  }

  private load(snapshot: Snapshot): void {
    this.clockAheadMs = Date.parse(snapshot.now) - Date.now();
    this.world.load(snapshot);
    this.status.showSite(snapshot.site);
    this.map?.reloaded();
    this.rendering.add(["list"]);
  }

  private takeVessels(subjects: readonly string[]): void {
    this.map?.changed(subjects);
    this.selected.moved(subjects);
  }

  private takeAlarms(alarms: readonly Alarm[]): void {
    const { fired, subjects } = this.world.takeAlarms(alarms);
    this.map?.changed(subjects);
    this.rendering.add(["list"]);
    this.selected.concerned(subjects);
    const worst = [...fired].sort((a, b) => rank(a.severity) - rank(b.severity))[0];
    if (worst === undefined || !this.ear.hears(worst.severity, performance.now())) return;
    this.sound.call(worst.severity);
    say(this.spoken, t("alarms.new", {
      severity: t(`severity.${worst.severity}`), text: `${who(worst)}: ${headline(worst)}`,
    }));
  }

  private renderAlarms(): void {
    this.list.render();
    const waiting = [...this.world.alarms.values()].filter(calls).map((alarm) => alarm.severity);
    showInTab(waiting, PALETTES.dark.severity);
  }

  private async act(alarm: Alarm, act: api.Act, body: Partial<api.ActBody>): Promise<boolean> {
    const by = await whoActs();
    this.status.showOperator(operator());
    if (by === null) return false;
    try {
      const done = await api.act(alarm.id, act, { by, ...body });
      this.takeAlarms([done]);
      return true;
    } catch (error) {
      const isOffline = error instanceof api.ApiError && error.status === 0;
      const reason = isOffline ? t("act.offline") : error instanceof Error ? error.message : String(error);
      this.say(t("act.failed", { reason }), true);
      return false;
    }
  }

  private listen(): void {
    addEventListener("keydown", (event) => this.press(event));
    addEventListener("hashchange", () => this.selected.restore());
    addEventListener("resize", () => this.map?.resize());
    onSystemChange(() => this.applyTheme());
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      this.selected.nothing();
      return;
    }
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    const keys: Record<string, () => void> = {
      j: () => this.list.step(1),
      k: () => this.list.step(-1),
      m: () => this.sound.toggle(),
      "/": () => this.list.focusSearch(),
      "?": () => showHelp(),
    };
    const run = keys[event.key];
    if (run !== undefined) run();
    else if (!this.list.press(event.key)) return;
    event.preventDefault();
  }

  private skip(event: Event): void {
    event.preventDefault();
    this.list.focusFirst();
  }

  private applyTheme(): void {
    document.documentElement.dataset["theme"] = theme();
    this.map?.setTheme(theme());
  }

  private tick(): void {
    this.stream.tick();
    this.status.tick(this.stream.silenceMs);
    this.list.tick();
    this.selected.details.tick();
    if (this.now() >= this.targetsDueMs) void this.askTargets();
    if (!this.toast.hidden && performance.now() > this.toastUntil) this.toast.hidden = true;
  }

  /** Ask which objects of cameras are vessels; without an answer each has a sign of its own. */
  private async askTargets(): Promise<void> {
    this.targetsDueMs = this.now() + TARGETS_MS;
    if (![...this.world.vessels.keys()].some((subject) => kindOf(subject) === "object")) return;
    this.takeVessels(this.world.takeSightings(await api.targets().catch(() => [])));
  }

  private say(words: string, isProblem = false): void {
    this.toast.hidden = false;
    this.toast.classList.toggle("problem", isProblem);
    say(this.toast, words);
    this.toastUntil = performance.now() + TOAST_MS;
  }

  private showHint(text: string | null, x: number, y: number): void {
    this.hint.hidden = text === null;
    say(this.hint, text ?? "");
    this.hint.style.transform = `translate(${x + 12}px, ${y + 12}px)`;
  }
}

document.documentElement.dataset["theme"] = theme();
speakAs(navigator.language.slice(0, 2));
const first = await firstSnapshot();
speakAs(first.language);
await new Page(first).run();
