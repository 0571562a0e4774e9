// What is known of the vessel or alarm that is selected, in a card beside the map.

import { stateOf } from "./alarms";
import { bdi, h, ltr, prose, quantity, say, svg } from "./dom";
import { labelOf } from "./features";
import { bearing, decimal, minutes } from "./geo";
import { headline, sentence, who } from "./headlines";
import { kindOf } from "./kinds";
import { badge } from "./shapes";
import { shipmentsOf } from "./shipments/address";
import { mmsi, shipKind } from "./ships";
import type { World } from "./state";
import { plain, plainLine } from "./text";
import { duration, type LocalClock, utc } from "./time";
import type {
  Alarm, AlarmDetail, AlarmEvent, Finding, Particulars, Selection, Vessel, VesselDetail,
} from "./types";
import { directionOf, named, number, said, t, unit } from "./words";

export interface DetailEvents {
  closed(): void;
  fit(): void;
  chosen(alarm: Alarm): void;
}

export interface Known {
  readonly selection: Selection;
  readonly vessel: Vessel | undefined;
  readonly alarm: Alarm | undefined;
  readonly vesselDetail: VesselDetail | undefined;
  readonly alarmDetail: AlarmDetail | undefined;
  readonly trackPoints: number | undefined;
  readonly problem: string | undefined;
}

export const TRACK_HOURS = 6;
const FINDINGS_SHOWN = 10;

export class Details {
  readonly element = h("aside", { class: "details", "aria-label": t("details.title"), hidden: true, tabindex: -1 });
  private readonly age = h("span", { class: "age" });
  private reportAt: Date | null = null;

  constructor(
    private readonly world: World,
    private readonly now: () => number,
    private readonly local: LocalClock,
    private readonly events: DetailEvents,
  ) {}

  show(known: Known | null): void {
    this.element.hidden = known === null;
    if (known === null) {
      this.element.replaceChildren();
      return;
    }
    if (this.isBeingRead()) return;
    const scrolled = this.element.scrollTop;
    const focused = this.controls().indexOf(document.activeElement as HTMLElement);
    const open = this.openParts();
    this.reportAt = known.vessel === undefined ? null : new Date(known.vessel.at);
    this.element.replaceChildren(...this.parts(known));
    for (const part of this.element.querySelectorAll("details")) {
      if (open.has(part.dataset["part"] ?? "")) part.open = true;
    }
    this.element.scrollTop = scrolled;
    this.controls()[focused]?.focus({ preventScroll: true });
    this.tick();
  }

  tick(): void {
    if (this.reportAt === null) return;
    const ageS = (this.now() - this.reportAt.getTime()) / 1000;
    say(this.age, t("alarm.ago", { age: duration(ageS, unit) }));
  }

  /** Somebody marks text to copy it: not to be pulled from under the pointer. */
  private isBeingRead(): boolean {
    const marked = getSelection();
    return marked !== null && !marked.isCollapsed && this.element.contains(marked.anchorNode);
  }

  private controls(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>("button, summary")];
  }

  private openParts(): Set<string> {
    const open = [...this.element.querySelectorAll<HTMLDetailsElement>("details[open]")];
    return new Set(open.map((part) => part.dataset["part"] ?? ""));
  }

  private parts(known: Known): HTMLElement[] {
    const { alarm, vessel, vesselDetail, alarmDetail } = known;
    const parts = [this.head(known)];
    if (known.problem !== undefined) parts.push(h("p", { class: "problem" }, t("details.failed", { reason: known.problem })));
    if (alarm !== undefined) parts.push(this.alarmPart(alarm));
    if (vessel !== undefined && kindOf(vessel.subject) !== "shipment") parts.push(this.vesselPart(vessel, vesselDetail?.particulars, known.trackPoints));
    else if (known.problem === undefined && alarm === undefined) parts.push(h("p", { class: "dim" }, t("details.loading")));
    if (alarmDetail !== undefined) parts.push(this.history(alarmDetail, alarm));
    if (vesselDetail !== undefined) parts.push(this.otherAlarms(vesselDetail, alarm), this.findings(vesselDetail.findings));
    return parts;
  }

  private head({ vessel, alarm, selection }: Known): HTMLElement {
    const name = vessel !== undefined ? labelOf(vessel) : alarm !== undefined ? who(alarm) : mmsi(selection.subject);
    return h(
      "header",
      {},
      h("div", {},
        h("h2", {}, bdi(plain(vessel?.name ?? "") || name)),
        h("p", { class: "what-it-is dim" }, h("span", {}, ...this.what(selection.subject, vessel)), shipmentsLink(selection.subject))),
      h("button", { type: "button", class: "icon", title: t("details.fit"), "aria-label": t("details.fit"), onclick: () => this.events.fit() }, target()),
      h("button", { type: "button", class: "icon", title: t("details.close"), "aria-label": t("details.close"), onclick: () => this.events.closed() }, cross()),
    );
  }

  private what(subject: string, vessel: Vessel | undefined): (HTMLElement | string)[] {
    const kind = kindOf(subject);
    if (kind === "shipment") return [t("subject.shipment")]; // its number is its name
    if (kind !== "vessel") return [`${t(`subject.${kind}`)} `, vessel?.name ? ltr(mmsi(subject)) : ""];
    const ship = vessel === undefined ? "" : ` · ${named("ship", shipKind(vessel.ship_type))}`;
    return [`${t("details.mmsi")} `, ltr(mmsi(subject)), ship];
  }

  private alarmPart(alarm: Alarm): HTMLElement {
    return h(
      "section",
      { class: `card ${alarm.severity}` },
      h("h3", {}, badge(alarm.severity), ` ${t(`severity.${alarm.severity}`)} · ${headline(alarm)}`),
      h("p", {}, prose(sentence(alarm), directionOf(alarm.words))),
      facts([
        [t("alarm.since"), this.moment(alarm.since)],
        [t("alarm.until"), alarm.until === null ? null : this.moment(alarm.until)],
        [t("alarm.zone"), alarm.zone === null ? null : bdi(this.world.zoneName(alarm.zone))],
      ]),
      h("p", { class: "state" }, ...stateOf(alarm, this.local)),
    );
  }

  private vesselPart(vessel: Vessel, said: Particulars | undefined, trackPoints: number | undefined): HTMLElement {
    const length = said?.length_m ?? vessel.length_m;
    const size = length === null || length === undefined
      ? null
      : quantity(`${number(length)}${said?.beam_m ? ` × ${number(said.beam_m)}` : ""} ${t("unit.m")}`);
    const knots = vessel.speed_kn;
    const isMoving = knots !== null || vessel.course_deg !== null || vessel.heading_deg !== null;
    return h(
      "section",
      {},
      !isMoving ? null : h("dl", { class: "figures" },
        figure(t("details.speed"), knots === null ? "–" : `${number(knots, 1)} ${t("unit.kn")}`),
        figure(t("details.course"), bearing(vessel.course_deg) ?? "–"),
        figure(t("details.heading"), bearing(vessel.heading_deg) ?? "–")),
      facts([
        [t("details.report"), h("span", {}, this.age, " ", this.moment(vessel.at))],
        [t("details.position"), h("span", {}, ltr(minutes(vessel.lat, vessel.lon)), h("br"), ltr(decimal(vessel.lat, vessel.lon), "figure dim"))],
        [t("details.seen_by"), text(this.world.seenBy(vessel.subject).join(", "))],
        [t("details.same_as"), text(this.sameAs(vessel.subject))],
        [t("details.state"), saidState(vessel.equipment?.state)],
        [t("details.battery"), percent(vessel.equipment?.battery_percent)],
        [t("details.altitude"), metres(vessel.equipment?.altitude_m)],
        [t("details.size"), size],
        [t("details.draught"), said?.draught_m ? quantity(`${number(said.draught_m, 1)} ${t("unit.m")}`) : null],
        [t("details.callsign"), text(said?.callsign)],
        [t("details.imo"), said?.imo ? ltr(String(said.imo)) : null],
        [t("details.destination"), text(said?.destination)],
        [t("details.eta"), said?.eta ? ltr(plain(said.eta)) : null],
        [t("details.track", { hours: TRACK_HOURS }), trackPoints === undefined ? null : t("details.track_points", { n: trackPoints })],
      ]),
      kindOf(vessel.subject) === "vessel" ? h("p", { class: "fine" }, t("details.stated")) : null,
    );
  }

  /** What an object is: a vessel, or nobody who transmits. */
  private sameAs(subject: string): string | null {
    const sighting = this.world.sightings.get(subject);
    if (sighting === undefined || sighting.is_dark) return sighting === undefined ? null : t("object.dark");
    const target = this.world.vessels.get(sighting.target);
    return sighting.target === subject || target === undefined ? null : labelOf(target);
  }

  private history({ events, pushes }: AlarmDetail, shown: Alarm | undefined): HTMLElement {
    const line = (event: AlarmEvent): HTMLElement =>
      h("li", {},
        ltr(utc(new Date(event.at), new Date(this.now())), "figure dim"),
        ` ${named("signal", event.signal)} · `,
        bdi(event.by === "rules" || event.by === "clock" ? named("by", event.by) : plain(event.by)),
        event.note === "" || event.note === shown?.text ? null : h("q", {}, prose(plainLine(said(event.words)), directionOf(event.words))));
    const told = pushes.map((push) => `${push.channel} (${push.status})`).join(", ");
    return fold("history", t("alarm.history"), events.length, [
      h("ol", { class: "history" }, ...[...events].reverse().map(line)),
      told === "" ? null : h("p", { class: "dim" }, `${t("alarm.pushes")}: `, bdi(told)),
    ]);
  }

  private otherAlarms({ alarms }: VesselDetail, shown: Alarm | undefined): HTMLElement {
    const others = alarms.filter((alarm) => alarm.id !== shown?.id);
    if (others.length === 0) return h("div", { hidden: true });
    return h("section", {}, h("h3", {}, t("details.alarms")), h("ul", { class: "others" },
      ...others.slice(0, FINDINGS_SHOWN).map((alarm) =>
        h("li", {}, h("button", { type: "button", onclick: () => this.events.chosen(alarm) },
          badge(alarm.severity, t(`severity.${alarm.severity}`)), ` ${headline(alarm)} `,
          ltr(utc(new Date(alarm.since), new Date(this.now())), "figure dim"))))));
  }

  private findings(findings: readonly Finding[]): HTMLElement {
    const body = findings.length === 0
      ? [h("p", { class: "dim" }, t("details.no_findings"))]
      : findings.slice(0, FINDINGS_SHOWN).map((finding) => this.finding(finding));
    return fold("findings", t("details.findings"), findings.length, body);
  }

  private finding(finding: Finding): HTMLElement {
    return h(
      "article",
      { class: `finding ${finding.status}` },
      h("h4", {}, badge(finding.severity, t(`severity.${finding.severity}`)), ` ${headline(finding)} `,
        h("small", {}, named("status", finding.status))),
      h("p", {}, prose(plainLine(said(finding.words)), directionOf(finding.words))),
      h("p", { class: "dim" }, this.moment(finding.since)),
      h("div", { class: "values" },
        h("div", {}, h("h5", {}, t("details.measured")), measures(finding.values)),
        h("div", {}, h("h5", {}, t("details.threshold")), measures(finding.thresholds))),
    );
  }

  private moment(at: string): HTMLElement {
    const date = new Date(at);
    const today = new Date(this.now());
    return h("span", { class: "moment" },
      ltr(utc(date, today)),
      this.local.isUtc ? null : h("span", { class: "dim" }, " ", bdi(this.local.dateTime(date, today))));
  }
}

function shipmentsLink(subject: string): HTMLElement | null {
  const href = shipmentsOf(subject);
  return href === null ? null : h("a", { class: "to-shipments", href }, t(kindOf(subject) === "shipment" ? "details.shipment" : "details.shipments"));
}

const target = (): SVGElement =>
  svg("svg", { class: "glyph", viewBox: "0 0 16 16", "aria-hidden": "true" },
    svg("circle", { cx: 8, cy: 8, r: 4.5 }), svg("path", { d: "M8 1v4M8 11v4M1 8h4M11 8h4" }));

const cross = (): SVGElement =>
  svg("svg", { class: "glyph", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: "M3.5 3.5l9 9M12.5 3.5l-9 9" }));

function facts(rows: readonly (readonly [string, HTMLElement | string | null])[]): HTMLElement {
  const known = rows.filter((row): row is [string, HTMLElement | string] => row[1] !== null);
  return h("dl", { class: "facts" }, ...known.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

const figure = (name: string, value: string): HTMLElement =>
  h("div", {}, h("dt", {}, name), h("dd", {}, quantity(value)));

const text = (said: string | null | undefined): HTMLElement | null =>
  said === null || said === undefined || plain(said) === "" ? null : bdi(plain(said));

const saidState = (state: string | null | undefined): HTMLElement | null =>
  state === null || state === undefined ? null : bdi(named("state", plain(state)));

const percent = (share: number | null | undefined): HTMLElement | null =>
  share === null || share === undefined ? null : ltr(`${number(share)} %`);

const metres = (height: number | null | undefined): HTMLElement | null =>
  height === null || height === undefined ? null : quantity(`${number(height)} ${t("unit.m")}`);

function fold(part: string, title: string, count: number, body: readonly (HTMLElement | null)[]): HTMLElement {
  return h("details", { "data-part": part, open: part === "history" },
    h("summary", {}, title, " ", h("b", {}, String(count))), ...body);
}

/** Units at the end of names, the longer before what they end with. */
const UNITS: Readonly<Record<string, string>> = {
  m_s: "m/s", kn: "kn", m: "m", s: "s", deg: "°", c: "°C", kg: "kg", percent: "%", days: "d",
};

/** `limit_kn: 30` as `limit` and `30 kn`: the unit is the last part of the name. */
export function measure(name: string, value: number | string): [string, string] {
  const unitName = Object.keys(UNITS).find((end) => name.endsWith(`_${end}`));
  const label = unitName === undefined ? name : name.slice(0, -unitName.length - 1);
  const figures = typeof value === "number" ? number(value, Number.isInteger(value) ? 0 : 1) : plain(value);
  return [named("value", label), unitName === undefined ? figures : `${figures} ${UNITS[unitName]}`];
}

const measures = (values: Readonly<Record<string, number | string>>): HTMLElement =>
  h("dl", { class: "measures" }, ...Object.entries(values).flatMap(([name, value]) => {
    const [label, figures] = measure(name, value);
    return [h("dt", {}, bdi(label)), h("dd", {}, ltr(figures))];
  }));
