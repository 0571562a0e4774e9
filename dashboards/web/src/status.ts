// The bar on top: how the connection is, how old the data are, how the platform is. Never flatters.

import { bdi, h, ltr, say, set, svg } from "./dom";
import { kindOf } from "./kinds";
import { pages } from "./pages";
import type { SoundState } from "./sound";
import type { World } from "./state";
import type { Connection } from "./stream";
import { duration, type LocalClock, RECORDED_AFTER_S, utc } from "./time";
import type { Health } from "./types";
import { Vitals } from "./vitals";
import { number, t, unit } from "./words";

export interface StatusEvents {
  sound(): void;
  operator(): void;
  help(): void;
}

export class Status {
  readonly element: HTMLElement;
  private readonly site = h("span", { class: "site" });
  private readonly connection = h("span", { class: "pill connecting", role: "status" });
  private readonly platform = h("span", { class: "pill" });
  private readonly judged = h("span", { class: "pill plain" });
  private readonly recorded = h("span", { class: "pill warn", hidden: true });
  private readonly vessels = h("span", { class: "count" });
  private readonly clock = h("span", { class: "clock" });
  private readonly sound = h("button", { type: "button", class: "pill-button" });
  private readonly operator = h("button", { type: "button", class: "pill-button" });
  private readonly vitals = new Vitals();
  private state: Connection = "connecting";

  constructor(
    private readonly world: World,
    private readonly now: () => number,
    private readonly local: LocalClock,
    events: StatusEvents,
    settings: readonly HTMLElement[],
  ) {
    this.sound.addEventListener("click", () => events.sound());
    this.operator.addEventListener("click", () => events.operator());
    this.element = h(
      "header",
      { class: "top" },
      h("h1", {}, "Haechi"),
      this.site,
      pages("map"),
      this.connection,
      this.platform,
      this.judged,
      this.recorded,
      this.vessels,
      h("span", { class: "gap" }),
      this.clock,
      this.sound,
      this.operator,
      ...settings,
      h("button", { type: "button", class: "icon", title: t("help"), "aria-label": t("help"), onclick: () => events.help() }, "?"),
    );
  }

  showSite(site: string): void {
    say(this.site, site);
  }

  showConnection(state: Connection): void {
    this.state = state;
    this.connection.className = `pill ${state}`;
    say(this.connection, t(`connection.${state}`));
    this.vitals.connection(state);
    this.showPlatform();
    document.body.classList.toggle("not-live", state === "stale" || state === "reconnecting");
  }

  showHealth(health: Health): void {
    this.vitals.take(health);
    this.showPlatform();
  }

  private showPlatform(): void {
    const health = this.vitals.known;
    const since = this.vitals.unknownSince;
    this.platform.hidden = health === null && since === null;
    this.judged.hidden = health === null;
    this.platform.className = `pill ${health?.state ?? "unknown"}`;
    const reasons = health?.reasons.join("; ") ?? "";
    set(this.platform, { title: reasons === "" ? null : `${t("health.reasons")}: ${reasons}` });
    if (since !== null) this.showUnknown(t("health.unknown", { at: utc(new Date(since), new Date(this.now())) }));
    if (health !== null) this.platform.replaceChildren(t(`health.${health.state}`), reasons === "" ? "" : ": ", bdi(reasons));
  }

  private showUnknown(words: string): void {
    say(this.platform, words);
    set(this.platform, { title: words }); // where there is no room for all of it
  }

  showSound(state: SoundState): void {
    const words = { locked: t("sound.enable"), on: t("sound.on"), muted: t("sound.off") };
    this.sound.replaceChildren(state === "locked" ? words.locked : loudspeaker(state === "on"));
    this.sound.className = `pill-button sound ${state}`;
    set(this.sound, {
      title: state === "locked" ? t("sound.explain") : words[state], "aria-label": words[state], "aria-pressed": state === "on",
      "aria-keyshortcuts": "M",
    });
  }

  showOperator(name: string): void {
    this.operator.replaceChildren(name === "" ? t("operator.unnamed") : bdi(name));
    this.operator.classList.toggle("unnamed", name === "");
    set(this.operator, { title: t("operator.explain") });
  }

  /** Let the times run on. `silenceMs` is how long nothing was heard. */
  tick(silenceMs: number): void {
    const now = new Date(this.now());
    this.clock.replaceChildren(
      ltr(utc(now).slice(11)),
      this.local.isUtc ? "" : h("bdi", { class: "dim" }, this.local.dateTime(now, now)),
    );
    say(this.vessels, t("vessels.count", { n: number(ships(this.world)) }));
    const silence = t("connection.heard", { age: duration(silenceMs / 1000, unit) });
    set(this.connection, { title: silence });
    if (this.state === "stale") say(this.connection, `${t("connection.stale")} · ${silence}`);
    this.tickData(now);
  }

  private tickData(now: Date): void {
    const newest = this.world.newestMs;
    const isRecorded = newest > 0 && now.getTime() - newest > RECORDED_AFTER_S * 1000;
    this.recorded.hidden = !isRecorded;
    if (isRecorded) {
      say(this.recorded, t("health.recorded_short"));
      set(this.recorded, { title: t("health.recorded", { at: utc(new Date(newest)) }) });
    }
    const watermark = this.vitals.known?.watermark ?? null;
    if (watermark === null) {
      say(this.judged, t("health.no_watermark"));
      return;
    }
    const age = duration((now.getTime() - Date.parse(watermark)) / 1000, unit);
    say(this.judged, t("health.watermark", { age }));
    set(this.judged, { title: t("health.watermark.explain", { at: utc(new Date(watermark)) }) });
  }
}

const loudspeaker = (isOn: boolean): SVGElement =>
  svg("svg", { class: "glyph", viewBox: "0 0 16 16", "aria-hidden": "true" },
    svg("path", { d: "M2 6v4h2.5L8 13V3L4.5 6z" }), svg("path", { d: isOn ? "M10.5 5.5q2 2.5 0 5M12.5 3.5q3.5 4.5 0 9" : "M11 6l4 4M15 6l-4 4" }));

const ships = (world: World): number =>
  [...world.vessels.keys()].filter((subject) => kindOf(subject) === "vessel").length;
