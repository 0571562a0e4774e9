// The lines of bursts in the list of alarms: one stands for many, until it is opened.

import { type Burst, folded } from "./bursts";
import { bdi, h, say, set } from "./dom";
import { headline, who } from "./headlines";
import { badge } from "./shapes";
import type { World } from "./state";
import { duration } from "./time";
import type { Alarm } from "./types";
import { t, unit } from "./words";

/** So many are named in the line. */
const NAMED = 3;

interface Header {
  readonly item: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly age: HTMLElement;
  burst: Burst;
}

export class Folds {
  private readonly headers = new Map<string, Header>();
  /** Alarms whose burst is open: their ids outlast the burst's, which parts as they are handled. */
  private readonly opened = new Set<string>();

  constructor(
    private readonly world: World,
    private readonly now: () => number,
    private readonly changed: () => void,
  ) {}

  /** The lines of the list: alarms, and bursts, each followed by its alarms where it is open. */
  lines(listed: readonly Alarm[]): (Alarm | Burst)[] {
    const entries = folded(listed);
    const kept = new Set(entries.map((entry) => entry.id));
    for (const [id, header] of this.headers) {
      if (kept.has(id)) continue;
      header.item.remove();
      this.headers.delete(id);
    }
    return entries.flatMap((entry) => ("alarms" in entry && this.isOpen(entry) ? [entry, ...entry.alarms] : [entry]));
  }

  /** Show an alarm, in whatever burst it is. */
  open(alarm: string): void {
    this.opened.add(alarm);
  }

  itemOf(burst: Burst): HTMLLIElement {
    const header = this.headers.get(burst.id) ?? this.made(burst);
    header.burst = burst;
    this.fill(header);
    return header.item;
  }

  /** Let the ages grow. */
  tick(): void {
    for (const header of this.headers.values()) this.renderAge(header);
  }

  private isOpen(burst: Burst): boolean {
    return burst.alarms.some((alarm) => this.opened.has(alarm.id));
  }

  private made(burst: Burst): Header {
    const button = h("button", { type: "button", class: "alarm-row" });
    const header = { item: h("li", {}, button), button, age: h("span", { class: "age" }), burst };
    button.addEventListener("click", () => this.toggle(header.burst));
    this.headers.set(burst.id, header);
    return header;
  }

  private toggle(burst: Burst): void {
    const isOpen = this.isOpen(burst);
    for (const { id } of burst.alarms) {
      if (isOpen) this.opened.delete(id);
      else this.opened.add(id);
    }
    this.changed();
  }

  private fill(header: Header): void {
    const { item, button, burst: { alarms } } = header;
    const first = alarms[0]!;
    const zone = alarms.every((alarm) => alarm.zone === first.zone) ? first.zone : null;
    const names = alarms.slice(0, NAMED).flatMap((alarm) => [bdi(who(alarm)), ", "]);
    item.className = `alarm burst ${first.severity} ${first.status}`;
    set(button, { "aria-expanded": this.isOpen(header.burst) ? "true" : "false" });
    button.replaceChildren(
      badge(first.severity, t(`severity.${first.severity}`)),
      h("span", { class: "what" }, t("alarms.burst", { n: alarms.length, what: headline(first) }), zone === null ? null : h("small", {}, bdi(this.world.zoneName(zone)))),
      header.age,
      h("span", { class: "text" }, ...names, "…"),
    );
    this.renderAge(header);
  }

  private renderAge({ age, burst }: Header): void {
    const since = Date.parse(burst.alarms[0]!.since);
    say(age, t("alarm.ago", { age: duration((this.now() - since) / 1000, unit) }));
  }
}
