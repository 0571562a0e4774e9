// The list of alarms: most urgent first, moved through and handled by key.

import type { Act, ActBody } from "./api";
import { bdi, h, ltr, prose, say, set } from "./dom";
import { Folds } from "./folds";
import { badge } from "./shapes";
import { calls, type Filter, listed, type Shelf, shelfOf, type World } from "./state";
import { headline, sentence, who } from "./headlines";
import { duration, LocalClock, utc } from "./time";
import { mmsi } from "./ships";
import { type Alarm, SEVERITIES, type Severity } from "./types";
import { directionOf, type Key, t, unit } from "./words";

const SHELVES: readonly Shelf[] = ["open", "shelved", "closed"];
/** An alarm is marked new for this long. */
const NEW_MS = 60_000;
const LISTED = 500;

export interface AlarmEvents {
  chosen(alarm: Alarm): void;
  act(alarm: Alarm, act: Act, body: Partial<ActBody>): Promise<boolean>;
}

interface Row {
  readonly item: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly age: HTMLElement;
  alarm: Alarm;
}

export class AlarmList {
  readonly element: HTMLElement;
  private readonly rows = new Map<string, Row>();
  private readonly list = h("ul", { class: "alarm-list", "aria-label": t("alarms.title") });
  private readonly empty = h("div", { class: "empty" });
  private readonly search = h("input", {
    type: "search", placeholder: t("alarms.search"), "aria-label": t("alarms.search"),
  });
  private readonly chips = new Map<Severity, HTMLButtonElement>();
  private readonly tabs = new Map<Shelf, HTMLButtonElement>();
  private readonly unacknowledged = h("input", { type: "checkbox", id: "unacknowledged" });
  private readonly hidden = new Set<Severity>();
  private readonly folds: Folds;
  private readonly bar: HTMLElement;
  private readonly form = h("form", { class: "note", hidden: true });
  private shelf: Shelf = "open";
  private selected: string | null = null;

  constructor(
    private readonly world: World,
    private readonly now: () => number,
    private readonly local: LocalClock,
    private readonly events: AlarmEvents,
  ) {
    this.bar = this.actionBar();
    this.folds = new Folds(world, now, () => this.render());
    this.element = h(
      "section",
      { class: "alarms", id: "alarms", tabindex: -1, "aria-label": t("alarms.title") },
      h("div", { class: "alarm-head" }, h("h2", {}, t("alarms.title")), this.shelves()),
      h("div", { class: "filters" }, this.severities(), this.search, this.onlyUnacknowledged()),
      this.list,
      this.empty,
    );
    this.search.addEventListener("input", () => this.render());
    this.unacknowledged.addEventListener("change", () => this.render());
    this.list.addEventListener("keydown", (event) => this.moveBy(event));
  }

  get selectedAlarm(): Alarm | undefined {
    const focused = [...this.rows.values()].find((row) => row.item.contains(document.activeElement));
    if (focused !== undefined) return focused.alarm;
    const isElsewhere = this.selected === null || this.list.contains(document.activeElement); // on a burst
    return isElsewhere ? undefined : this.world.alarms.get(this.selected!);
  }

  focusSearch(): void {
    this.search.focus();
  }

  /** Give the focus to an alarm, or to the list if it is not there. */
  focus(id: string): void {
    (this.rows.get(id)?.button ?? this.element).focus();
  }

  focusFirst(): void {
    (this.list.querySelector<HTMLButtonElement>(".alarm-row") ?? this.element).focus();
  }

  select(id: string | null): void {
    this.selected = id;
    const alarm = id === null ? undefined : this.world.alarms.get(id);
    if (alarm !== undefined && shelfOf(alarm) !== this.shelf) this.shelf = shelfOf(alarm);
    if (id !== null) this.folds.open(id);
    this.closeForm();
    this.render();
    if (id !== null) this.rows.get(id)?.item.scrollIntoView({ block: "nearest" });
  }

  /** Bring the list up to date, touching only rows that differ. */
  render(): void {
    const found = listed(this.world.alarms.values(), this.filter);
    const all = this.folds.lines(found);
    const lines = all.slice(0, LISTED);
    const beyond = new Set(all.slice(LISTED).flatMap((line) => ("alarms" in line ? line.alarms : [line])));
    const focused = document.activeElement;
    const kept = new Set(lines.map((line) => line.id));
    for (const [id, row] of this.rows) if (!kept.has(id)) this.drop(id, row);
    let before: Element | null = null;
    for (const line of lines) {
      const item = "alarms" in line ? this.folds.itemOf(line) : this.rowOf(line).item;
      const place: Element | null = before === null ? this.list.firstElementChild : before.nextElementSibling;
      if (place !== item) this.list.insertBefore(item, place);
      before = item;
    }
    if (focused instanceof HTMLElement && focused.isConnected && document.activeElement !== focused) focused.focus();
    this.placeBar();
    this.count(found.length - beyond.size);
  }

  /** Write every row anew: zones have got their names. */
  refill(): void {
    for (const row of this.rows.values()) this.fill(row);
    this.render();
  }

  /** Let the ages grow. */
  tick(): void {
    for (const row of this.rows.values()) this.renderAge(row);
    this.folds.tick();
  }

  private get filter(): Filter {
    return {
      shelf: this.shelf,
      hidden: this.hidden,
      unacknowledged: this.unacknowledged.checked,
      text: this.search.value.trim().toLowerCase(),
    };
  }

  private rowOf(alarm: Alarm): Row {
    const known = this.rows.get(alarm.id);
    const isChosen = this.selected === alarm.id;
    if (known !== undefined) {
      if (known.alarm !== alarm) {
        known.alarm = alarm;
        this.fill(known);
      }
      this.mark(known, isChosen);
      return known;
    }
    const button = h("button", { type: "button", class: "alarm-row" });
    const row = { item: h("li", {}, button), button, age: h("span", { class: "age" }), alarm };
    button.addEventListener("click", () => this.events.chosen(row.alarm));
    this.rows.set(alarm.id, row);
    this.fill(row);
    this.mark(row, isChosen);
    return row;
  }

  private mark(row: Row, isChosen: boolean): void {
    row.item.classList.toggle("chosen", isChosen);
    set(row.button, { "aria-current": isChosen ? "true" : null, "aria-expanded": isChosen });
  }

  private drop(id: string, row: Row): void {
    if (row.item.contains(this.bar)) this.bar.remove();
    row.item.remove();
    this.rows.delete(id);
  }

  private fill(row: Row): void {
    const { alarm } = row;
    row.item.className = `alarm ${alarm.severity} ${alarm.status}`;
    row.button.replaceChildren(
      badge(alarm.severity, t(`severity.${alarm.severity}`)),
      h("span", { class: "what" }, headline(alarm), alarm.zone === null ? null : h("small", {}, bdi(this.world.zoneName(alarm.zone))), alarm.fired > 1 ? h("small", {}, t("alarm.fired", { n: alarm.fired })) : null),
      row.age,
      h("span", { class: "who" }, bdi(who(alarm)), isNamed(alarm) ? ltr(mmsi(alarm.subject), "figure dim") : null, this.began(alarm)),
      h("span", { class: "text" }, prose(sentence(alarm), directionOf(alarm.words))),
      h("span", { class: isPlain(alarm) ? "spoken" : "state" }, ...stateOf(alarm, this.local)),
    );
    this.renderAge(row);
  }

  private began(alarm: Alarm): HTMLElement {
    const since = new Date(alarm.since);
    const today = new Date(this.now());
    return h("span", { class: "began" }, ltr(utc(since, today)), this.local.isUtc ? "" : " ", this.local.isUtc ? "" : bdi(this.local.dateTime(since, today)));
  }

  private renderAge(row: Row): void {
    const { alarm } = row;
    const since = new Date(alarm.since);
    const age = t("alarm.ago", { age: duration((this.now() - since.getTime()) / 1000, unit) });
    say(row.age, age);
    if (row.age.title === "") {
      row.age.title = `${utc(since)}\n${this.local.dateTime(since)}`;
    }
    const isNew = calls(alarm) && this.now() - Date.parse(alarm.raised_at) < NEW_MS;
    row.item.classList.toggle("new", isNew);
  }

  private placeBar(): void {
    const row = this.selected === null ? undefined : this.rows.get(this.selected);
    if (row === undefined) {
      this.bar.remove();
      return;
    }
    if (this.bar.parentElement !== row.item) row.item.append(this.bar);
    const { alarm } = row;
    const isShelved = alarm.shelved_until !== null;
    const lawful: Record<string, boolean> = {
      acknowledge: !alarm.acknowledged,
      clear: alarm.active || alarm.status.startsWith("ACTIVE"),
      shelve: alarm.is_open && !isShelved,
      unshelve: isShelved,
      assign: alarm.is_open,
      comment: true,
    };
    for (const button of this.bar.querySelectorAll<HTMLButtonElement>("button[data-act]")) {
      button.hidden = lawful[button.dataset["act"] ?? ""] === false;
    }
  }

  private actionBar(): HTMLElement {
    const button = (act: Act, label: string, key: string, run: () => void): HTMLButtonElement =>
      h("button", {
        type: "button", "data-act": act, class: act === "acknowledge" ? "primary" : null,
        "aria-keyshortcuts": key, onclick: run,
      }, label, h("kbd", { "aria-hidden": "true", dir: "ltr" }, key.replace("Shift+", "⇧")));
    return h(
      "div",
      { class: "actions" },
      h(
        "div",
        { class: "buttons" },
        button("acknowledge", t("act.acknowledge"), "A", () => this.do("acknowledge")),
        button("shelve", t("act.shelve", { minutes: 15 }), "S", () => this.do("shelve", { minutes: 15 })),
        button("shelve", t("act.shelve", { minutes: 60 }), "Shift+S", () => this.do("shelve", { minutes: 60 })),
        button("unshelve", t("act.unshelve"), "U", () => this.do("unshelve")),
        button("clear", t("act.clear"), "C", () => this.do("clear")),
        button("assign", t("act.assign"), "G", () => this.openForm("assign")),
        button("comment", t("act.comment"), "N", () => this.openForm("comment")),
      ),
      this.form,
    );
  }

  /** Do to the alarm under the focus, else the selected one; true if there is such an act. */
  press(key: string): boolean {
    const acts: Record<string, () => void> = {
      a: () => this.do("acknowledge"),
      s: () => this.do("shelve", { minutes: 15 }),
      S: () => this.do("shelve", { minutes: 60 }),
      u: () => this.do("unshelve"),
      c: () => this.do("clear"),
      g: () => this.openForm("assign"),
      n: () => this.openForm("comment"),
    };
    const act = acts[key];
    if (act === undefined || this.selectedAlarm === undefined) return false;
    act();
    return true;
  }

  private do(act: Act, body: Partial<ActBody> = {}): void {
    const alarm = this.selectedAlarm;
    if (alarm !== undefined) void this.events.act(alarm, act, body);
  }

  private openForm(act: "assign" | "comment"): void {
    const alarm = this.selectedAlarm;
    if (alarm === undefined) return;
    if (this.selected !== alarm.id) this.events.chosen(alarm);
    const input = h("input", {
      type: "text", required: true, maxlength: act === "assign" ? 64 : 500,
      placeholder: t(`act.${act}.hint`), "aria-label": t(`act.${act}`), autocomplete: "off",
    });
    this.form.replaceChildren(input, h("button", { type: "submit", class: "primary" }, t("act.send")));
    this.form.hidden = false;
    this.form.onsubmit = (event) => {
      event.preventDefault();
      const said = input.value.trim();
      const body = act === "assign" ? { assignee: said } : { note: said };
      void this.events.act(alarm, act, body).then((isDone) => {
        if (!isDone || !this.form.contains(input)) return; // by now it may be another form
        this.closeForm();
        this.rows.get(alarm.id)?.button.focus();
      });
    };
    this.form.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.closeForm();
      this.rows.get(alarm.id)?.button.focus();
    };
    input.focus();
  }

  private closeForm(): void {
    this.form.hidden = true;
    this.form.replaceChildren();
  }

  /** Move the focus by arrow keys; the page's own keys j and k do the same from anywhere. */
  step(by: 1 | -1): void {
    const rows = [...this.list.children].map((item) => item.querySelector<HTMLButtonElement>(".alarm-row")!);
    const at = rows.findIndex((button) => button.parentElement?.contains(document.activeElement));
    rows[Math.min(rows.length - 1, Math.max(0, at === -1 && by === -1 ? 0 : at + by))]?.focus();
  }

  private moveBy(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement) return;
    if (event.key === "ArrowDown") this.step(1);
    else if (event.key === "ArrowUp") this.step(-1);
    else if (event.key === "Home") this.focusFirst();
    else return;
    event.preventDefault();
  }

  private count(shown: number): void {
    const all = [...this.world.alarms.values()];
    for (const [shelf, tab] of this.tabs) {
      const count = all.filter((alarm) => shelfOf(alarm) === shelf).length;
      say(tab.lastElementChild!, String(count));
      set(tab, { "aria-pressed": shelf === this.shelf });
    }
    const here = all.filter((alarm) => shelfOf(alarm) === this.shelf);
    for (const [severity, chip] of this.chips) {
      const count = here.filter((alarm) => alarm.severity === severity).length;
      say(chip.lastElementChild!, String(count));
      chip.classList.toggle("none", count === 0);
    }
    this.empty.hidden = shown > 0 && shown === here.length;
    const missing = here.length - shown;
    this.empty.replaceChildren(
      missing > 0
        ? t("alarms.filtered", { n: missing })
        : h("p", {}, t(`alarms.none.${this.shelf}`), h("small", {}, this.shelf === "open" ? t("alarms.none.hint") : "")),
    );
  }

  private shelves(): HTMLElement {
    for (const shelf of SHELVES) {
      const tab = h("button", { type: "button" }, `${t(`alarms.shelf.${shelf}`)} `, h("b", {}, "0"));
      tab.addEventListener("click", () => {
        this.shelf = shelf;
        this.render();
      });
      this.tabs.set(shelf, tab);
    }
    return h("div", { class: "tabs", role: "group", "aria-label": t("alarms.shelf") }, ...this.tabs.values());
  }

  private severities(): HTMLElement {
    for (const severity of SEVERITIES) {
      const name = t(`severity.${severity}`);
      const chip = h(
        "button",
        { type: "button", class: "chip", "aria-pressed": true, title: name, "aria-label": name },
        badge(severity), h("b", {}, "0"),
      );
      chip.addEventListener("click", () => {
        if (!this.hidden.delete(severity)) this.hidden.add(severity);
        set(chip, { "aria-pressed": !this.hidden.has(severity) });
        this.render();
      });
      this.chips.set(severity, chip);
    }
    return h("div", { class: "chips", role: "group", "aria-label": t("alarms.severities") }, ...this.chips.values());
  }

  private onlyUnacknowledged(): HTMLElement {
    return h("label", { class: "check" }, this.unacknowledged, t("alarms.unacknowledged"));
  }
}

/** Nobody has done anything about it yet: its bold headline says so to the eye. */
const isPlain = (alarm: Alarm): boolean =>
  alarm.status === "ACTIVE_UNACK" && alarm.shelved_until === null && alarm.assignee === null && !alarm.retracted;

const isNamed = (alarm: Alarm): boolean => who(alarm) !== mmsi(alarm.subject);

export function stateOf(alarm: Alarm, local: LocalClock): (HTMLElement | string)[] {
  const parts: (HTMLElement | string)[] = [h("span", { class: "status" }, t(`state.${alarm.status}` as Key))];
  if (alarm.acknowledged_by !== null) parts.push(bdi(alarm.acknowledged_by));
  if (alarm.shelved_until !== null) {
    parts.push(t("alarm.shelved_until", { at: local.time(new Date(alarm.shelved_until)) }));
  }
  if (alarm.assignee !== null) parts.push(h("span", {}, `${t("alarm.assignee")} `, bdi(alarm.assignee)));
  if (alarm.retracted) parts.push(h("span", { class: "retracted" }, t("alarm.retracted")));
  return parts;
}
