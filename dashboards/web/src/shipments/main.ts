// Puts the page of shipments together. What each part does is in its own module.

import "../style.css";
import "./shipments.css";

import * as consoleApi from "../api";
import { ApiError } from "../api";
import { bdi, h, ltr, say, set } from "../dom";
import { pages } from "../pages";
import { firstSnapshot, languageChoice, speakAs, themeChoice } from "../settings";
import { World } from "../state";
import { Stream } from "../stream";
import { plain } from "../text";
import { onSystemChange, theme } from "../theme";
import { HOUR_S, LocalClock, referenceTime, utc } from "../time";
import type { Snapshot, TrackPoint } from "../types";
import { currentLanguage, t } from "../words";
import { hashOf, type Place, placeOf } from "./address";
import * as api from "./api";
import { DossierPage } from "./dossier";
import { Following } from "./following";
import { Imports } from "./imports";
import { ShipmentList } from "./list";
import type { RouteMap } from "./route-map";
import type { Dossier } from "./types";
import { c } from "./words";

const TRACK_HOURS = 48;
const TRACK_EVERY_MS = 10_000;
/** What the server says of a reference that there is not, or that cannot be one. */
const MISNAMED: ReadonlySet<number> = new Set([400, 404]);

class Page {
  private readonly world = new World();
  private readonly local: LocalClock;
  private readonly list: ShipmentList;
  private readonly imports = new Imports(() => void this.following?.look());
  private readonly connection = h("span", { class: "pill connecting", role: "status" }, t("connection.connecting"));
  private readonly clock = h("span", { class: "clock" });
  private readonly problem = h("p", { class: "problem", role: "alert", hidden: true });
  private readonly stage = h("main", { class: "shipments" });
  private readonly stream: Stream;
  private following: Following<unknown> | null = null;
  private dossier: DossierPage | null = null;
  private reference: string | null = null;
  private query = "";
  private map: RouteMap | null = null;
  private trackAt = 0;
  private clockAheadMs = 0;

  constructor(private readonly first: Snapshot) {
    this.local = new LocalClock(first.time_zone, currentLanguage());
    this.list = new ShipmentList(() => this.now(), (query) => this.go({ shipment: null, query }), this.imports.element);
    this.stream = new Stream(() => consoleApi.snapshot(), {
      snapshot: (snapshot) => {
        this.clockAheadMs = Date.parse(snapshot.now) - Date.now();
        this.world.load(snapshot);
      },
      vessels: (vessels) => void this.world.takeVessels(vessels),
      alarms: (alarms) => {
        this.world.takeAlarms(alarms);
        void this.following?.look();
      },
      health: (health) => {
        this.clockAheadMs = Date.parse(health.now) - Date.now();
      },
      connection: (state) => {
        this.connection.className = `pill ${state}`;
        say(this.connection, t(`connection.${state}`));
      },
    });
  }

  run(): void {
    document.body.replaceChildren(this.bar(), this.stage, h("footer", {}, this.problem, h("span", { class: "gap" }), h("span", { class: "fine keys-hint" }, c("keys"))));
    addEventListener("hashchange", () => this.restore());
    addEventListener("keydown", (event) => this.press(event));
    onSystemChange(() => this.applyTheme());
    setInterval(() => this.tick(), 1000);
    void this.stream.start();
    this.restore();
    this.tick();
  }

  private bar(): HTMLElement {
    return h("header", { class: "top" },
      h("h1", {}, "Haechi"), h("span", { class: "site" }, this.first.site), pages("shipments"), this.connection,
      h("span", { class: "gap" }), this.clock, themeChoice(() => this.applyTheme()), languageChoice());
  }

  private now(): number {
    return Date.now() + this.clockAheadMs;
  }

  private go(place: Place): void {
    history.replaceState(null, "", hashOf(place));
    this.restore();
  }

  /** Show what the address names. */
  private restore(): void {
    const { shipment, query } = placeOf(location.hash);
    const left = this.reference;
    this.reference = shipment;
    document.title = `${shipment ?? c("list.title")} · Haechi`;
    this.following?.end();
    this.leaveDossier();
    if (shipment !== null) this.openDossier(shipment);
    else this.openList(query);
    if (left !== null) this.list.focus(left);
  }

  private openList(query: string): void {
    this.query = query;
    if (this.list.search.value.trim() !== query) this.list.search.value = query;
    if (!this.list.element.isConnected) this.stage.replaceChildren(this.list.element);
    this.following = new Following(() => api.shipments(query), {
      answer: (shipments) => {
        this.well();
        this.list.show(shipments, query);
      },
      failed: (error) => this.failed(error),
    });
  }

  private openDossier(reference: string): void {
    const page = new DossierPage(this.world, () => this.now(), this.local);
    this.dossier = page;
    this.stage.replaceChildren(page.element);
    page.element.focus();
    this.following = new Following(() => this.read(reference), {
      answer: (dossier) => {
        this.well();
        page.show(dossier);
        void this.draw(page, dossier);
      },
      failed: (error) => (page.shown === null && error instanceof ApiError && MISNAMED.has(error.status) ? void this.absent(reference) : this.failed(error)),
    });
  }

  /** Nothing by that name: the address may have another number of it, or be mistyped. */
  private async absent(reference: string): Promise<void> {
    this.following?.end();
    const found = await api.shipments(reference).catch(() => []);
    if (this.reference !== reference) return;
    if (found.length === 1) return this.go({ shipment: found[0]!.reference, query: "" });
    this.leaveDossier();
    this.well();
    this.stage.replaceChildren(h("p", { class: "absent", role: "alert" }, c("one.none"), " ", bdi(plain(reference)), ". ",
      h("a", { href: hashOf({ shipment: null, query: "" }) }, c("head.back"))));
  }

  private async read(reference: string): Promise<Dossier> {
    const [view, check, voyage] = await Promise.all(
      [api.shipment(reference), api.crossCheck(reference), api.voyageOf(reference)]);
    return { view, check, voyage };
  }

  private async draw(page: DossierPage, { view, voyage }: Dossier): Promise<void> {
    const mmsi = voyage?.vessel.mmsi ?? view.shipment.transport?.mmsi ?? "";
    this.trackAt = performance.now();
    const points = mmsi === "" ? [] : await this.track(`mmsi:${mmsi}`);
    try {
      const { RouteMap } = await import("./route-map");
      if (this.dossier !== page) return;
      this.map ??= new RouteMap(page.mapPlace, theme());
      await this.map.show(voyage, points, (at) => this.local.time(at).slice(0, 5));
      set(page.mapPlace, { "aria-busy": "false" });
    } catch (error) {
      page.mapPlace.replaceChildren(h("p", { class: "problem" }, t("map.failed", { reason: String(error) })));
    }
  }

  private async track(subject: string): Promise<readonly TrackPoint[]> {
    const until = new Date(referenceTime(this.now(), this.world.newestMs) + 1000);
    const since = new Date(until.getTime() - TRACK_HOURS * HOUR_S * 1000);
    return consoleApi.track(subject, since, until).then(({ points }) => points, () => []);
  }

  private leaveDossier(): void {
    this.map?.close();
    this.map = null;
    this.dossier = null;
  }

  private tick(): void {
    this.stream.tick();
    const now = new Date(this.now());
    this.clock.replaceChildren(ltr(utc(now).slice(11)), this.local.isUtc ? "" : h("bdi", { class: "dim" }, this.local.dateTime(now, now)));
    this.list.tick();
    this.dossier?.tick();
    this.imports.tick();
    if (this.dossier !== null && performance.now() - this.trackAt > TRACK_EVERY_MS) {
      this.trackAt = performance.now();
      const { shown } = this.dossier;
      if (shown !== null) void this.draw(this.dossier, shown);
    }
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") this.go({ shipment: null, query: this.reference === null ? "" : this.query });
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    const keys: Record<string, () => void> = {
      j: () => this.list.step(1), k: () => this.list.step(-1), "/": () => this.list.search.focus(),
    };
    const run = keys[event.key];
    if (run === undefined || this.dossier !== null) return;
    run();
    event.preventDefault();
  }

  private well(): void {
    this.problem.hidden = true;
  }

  private failed(error: unknown): void {
    this.problem.hidden = false;
    say(this.problem, c("list.failed", { reason: error instanceof Error ? error.message : String(error) }));
  }

  private applyTheme(): void {
    set(document.documentElement, { "data-theme": theme() });
    this.map?.setTheme(theme());
  }
}

document.documentElement.dataset["theme"] = theme();
speakAs(navigator.language.slice(0, 2));
const first = await firstSnapshot();
speakAs(first.language);
new Page(first).run();
