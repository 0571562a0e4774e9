// One shipment: why it deserves a look, what was declared against what was seen, and what is due.

import { bdi, h, ltr, prose, set } from "../dom";
import { headline } from "../headlines";
import { badge } from "../shapes";
import { type Filter, listed, type World } from "../state";
import { plain, plainLine } from "../text";
import { duration, type LocalClock, utc } from "../time";
import type { Finding, Iso } from "../types";
import { directionOf, named, number, said, t, unit } from "../words";
import { hashOf, onMap } from "./address";
import { company } from "./companies";
import { deadlineTable } from "./deadlines";
import { lamp } from "./lamps";
import { milestones } from "./milestones";
import { timeline } from "./timeline";
import type { Claim, Dossier, Packing, Paper, Reason } from "./types";
import { standing, worst } from "./urgency";
import { c, called } from "./words";

const OPEN: Filter = { shelf: "open", hidden: new Set(), unacknowledged: false, text: "" };

/** What a seal says when it does not hold its box shut. */
const OPENED: ReadonlySet<string> = new Set(["unlock", "door", "tampering", "removing"]);

export class DossierPage {
  readonly element = h("article", { class: "dossier", tabindex: -1 });
  /** Filled by the map, which is drawn once and kept. */
  readonly mapPlace = h("div", { class: "map", role: "application", "aria-label": c("map.label"), "aria-busy": "true", "data-wait": t("map.loading") });
  private readonly parts = new Map<string, HTMLElement>();
  shown: Dossier | null = null;

  constructor(private readonly world: World, private readonly now: () => number, private readonly local: LocalClock) {
    for (const name of ["head", "reasons", "due", "boxes", "papers", "timeline"]) {
      this.parts.set(name, h("section", { class: name, "aria-label": called("part", name) }));
    }
    const part = (name: string): HTMLElement => this.parts.get(name)!;
    this.element.append(part("head"), h("div", { class: "columns" },
      h("div", {}, part("reasons"), part("boxes"), part("timeline")),
      h("div", {}, part("due"), h("section", { class: "route", "aria-label": c("part.route") }, h("h3", {}, c("part.route")), this.mapPlace, routeKey()), part("papers"))));
  }

  show(dossier: Dossier): void {
    this.shown = dossier;
    const { acid, reference } = dossier.view.shipment;
    set(this.element, { "aria-label": `${c("part.head")} ${plain(acid ?? reference)}` });
    this.put("head", ...this.head(dossier));
    this.put("reasons", h("h3", {}, c("part.reasons")), ...this.reasons(dossier));
    this.put("papers", h("h3", {}, c("part.papers")), this.papers(dossier.view.shipment.documents ?? []));
    this.tick();
  }

  /** Times that run on, and what seals last said. */
  tick(): void {
    if (this.shown === null) return;
    const { view, voyage } = this.shown;
    this.put("due", h("h3", {}, c("part.due")), deadlineTable(view.deadlines, this.now()));
    this.put("boxes", h("h3", {}, c("part.boxes")), this.boxes(view.shipment.containers ?? []));
    this.put("timeline", h("h3", {}, c("part.timeline")), ...timeline(milestones(view, voyage), this.now()));
  }

  private put(name: string, ...children: Node[]): void {
    const part = this.parts.get(name)!;
    const marked = getSelection();
    if (marked !== null && !marked.isCollapsed && part.contains(marked.anchorNode)) return; // is being copied
    if (children.length === part.childNodes.length && children.every((child, place) => child.isEqualNode(part.childNodes[place]!))) return;
    const focused = part.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
    part.replaceChildren(...children);
    if (focused) [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
  }

  private head({ view: { shipment, expires_at: expires }, check, voyage }: Dossier): HTMLElement[] {
    const severity = worst(check);
    const light = standing(severity);
    const isUnasked = severity === null && check.at === null;
    const journey = shipment.transport ?? {};
    const mmsi = voyage?.vessel.mmsi ?? journey.mmsi ?? "";
    const vessel = bdi(plain(voyage?.vessel.name ?? journey.vessel ?? "") || mmsi);
    const bills = (shipment.bills ?? []).flatMap((bill) => [ltr(plain(bill.number)), bill.is_draft ? ` (${c("paper.draft")}) ` : " "]);
    const fact = (name: string, ...value: (HTMLElement | string | null)[]): HTMLElement =>
      h("div", {}, h("dt", {}, name), h("dd", {}, ...value));
    return [
      h("div", { class: `verdict ${isUnasked ? "" : light}` },
        severity !== null ? badge(severity) : isUnasked ? null : lamp("green", c("light.green")),
        h("div", {},
          h("h2", {}, ltr(plain(shipment.acid ?? shipment.reference))),
          h("p", {}, isUnasked ? c("reasons.unasked") : called("standing", light), " · ", called("state", shipment.state ?? "draft"),
            expires === null ? null : h("span", { class: "dim" }, ` · ${c("head.expires")} `, ltr(utc(new Date(expires)).slice(0, 10))))),
        h("a", { class: "back", href: hashOf({ shipment: null, query: "" }), "aria-keyshortcuts": "Escape" }, c("head.back"), h("kbd", { "aria-hidden": "true" }, "Esc"))),
      h("dl", { class: "who" },
        fact(c("head.vessel"), mmsi === "" ? vessel : h("a", { href: onMap(`mmsi:${mmsi}`), title: c("head.on_map") }, vessel),
          " ", ltr(plain(voyage?.number ?? journey.voyage ?? ""), "figure dim")),
        fact(c("head.route"), ltr(`${plain(journey.load_port ?? "?")} → ${plain(journey.discharge_port ?? "?")}`)),
        fact(c("head.importer"), company(shipment.importer.name ?? "", shipment.importer.tax_number ?? "")),
        fact(c("head.exporter"), company(shipment.exporter.name ?? "", shipment.exporter.number ?? "")),
        fact(c("head.bills"), ...bills.length === 0 ? ["–"] : bills)),
    ];
  }

  private reasons({ check }: Dossier): HTMLElement[] {
    const found = [
      ...check.reasons.map((reason) => this.reason(reason)),
      ...check.findings.filter(({ status }) => status !== "retracted").map((finding) => this.finding(finding)),
    ];
    if (found.length > 0) return found;
    return [h("p", { class: "dim" }, check.at === null ? c("reasons.unasked") : c("reasons.none", { at: utc(new Date(check.at)) }))];
  }

  private reason(reason: Reason): HTMLElement {
    const side = (name: string, claim: Claim): HTMLElement => h("div", { class: name },
      h("dt", {}, called("source", claim.source)),
      h("dd", {}, bdi(plainLine(claim.value)), claim.at === null ? null : h("small", {}, this.moment(claim.at))));
    return h("div", { class: `card ${reason.severity}` },
      h("h4", {}, badge(reason.severity, t(`severity.${reason.severity}`)), " ", ...titleOf(reason)),
      h("dl", { class: "sides" }, side("declared", reason.declared), side("observed", reason.observed)),
      h("p", { class: "first-step" }, bdi(said(reason.advice))),
      h("p", { class: "dim fine" }, c("reason.since"), " ", this.moment(reason.at)));
  }

  private finding(finding: Finding): HTMLElement {
    return h("div", { class: `card ${finding.severity}` },
      h("h4", {}, badge(finding.severity, t(`severity.${finding.severity}`)), ` ${headline(finding)} `, h("small", {}, named("status", finding.status))),
      h("p", { class: "text" }, prose(plainLine(said(finding.words)), directionOf(finding.words))),
      h("p", { class: "dim fine" }, h("a", { href: onMap(finding.subject) }, ltr(finding.subject)), ` · ${c("reason.since")} `, this.moment(finding.since)));
  }

  private boxes(packings: readonly Packing[]): HTMLElement {
    if (packings.length === 0) return h("p", { class: "dim" }, c("boxes.none"));
    return h("ul", { class: "box-list" }, ...packings.map((packing) => h("li", {},
      h("span", {}, ltr(plain(packing.container)), " ", ltr(plain(packing.bill ?? ""), "figure dim")),
      packing.gross_kg == null ? null : ltr(`${number(packing.gross_kg)} kg`, "figure dim"),
      h("ul", {}, ...(packing.seals ?? []).map((seal) => this.seal(plain(seal)))))));
  }

  private seal(seal: string): HTMLElement {
    const subject = `seal:${seal}`;
    const live = this.world.vessels.get(subject);
    if (live === undefined) return h("li", {}, ltr(seal), h("span", { class: "dim" }, c("seal.unheard")));
    const state = plain(live.equipment?.state ?? "status");
    const light = OPENED.has(state) ? "red" : standing(this.world.worst.get(subject) ?? null);
    const alarm = listed(this.world.alarms.values(), OPEN).find((each) => each.subject === subject);
    const ago = duration((this.now() - Date.parse(live.at)) / 1000, unit);
    const charge = live.equipment?.battery_percent ?? null;
    return h("li", {}, lamp(light, called("standing", light)),
      h("a", { href: onMap(subject), title: c("head.on_map") }, ltr(seal)),
      h("b", {}, alarm === undefined ? bdi(named("state", state)) : headline(alarm)),
      alarm === undefined ? null : h("span", { class: "dim" }, bdi(named("state", state))),
      h("span", { class: "dim" }, t("alarm.ago", { age: ago })),
      charge === null ? null : ltr(`${number(charge)} %`, "figure dim"));
  }

  private papers(papers: readonly Paper[]): HTMLElement {
    if (papers.length === 0) return h("p", { class: "dim" }, c("papers.none"));
    return h("ul", { class: "paper-list" }, ...papers.map((paper) => {
      const state = paper.is_draft ? "draft" : paper.cosigned_at ? "cosigned" : paper.transferred_at ? "transferred" : "waiting";
      const light = { draft: "amber", waiting: "amber", transferred: "green", cosigned: "done" } as const;
      const at = paper.cosigned_at ?? paper.transferred_at ?? null;
      return h("li", {}, lamp(light[state], c(`light.${light[state]}`)),
        h("b", {}, called("paper.type", plain(paper.type))),
        h("span", {}, c(`paper.${state}`)),
        at === null ? null : this.moment(at),
        (paper.version ?? 1) > 1 ? h("small", {}, c("paper.version", { n: paper.version ?? 1 })) : null);
    }));
  }

  private moment(at: Iso): HTMLElement {
    const [date, today] = [new Date(at), new Date(this.now())];
    return h("span", { class: "moment", title: this.local.dateTime(date, today) }, ltr(utc(date, today)));
  }
}

/** What it is about and what disagrees; the two facts stand below it. */
const titleOf = ({ about, code }: Reason): (HTMLElement | string)[] =>
  [...(about === "" ? [] : [bdi(plainLine(about)), ": "]), called("reason.code", code)];

const routeKey = (): HTMLElement => h("p", { class: "route-key fine" },
  h("span", { class: "line declared" }), ` ${c("map.declared")} `, h("span", { class: "line observed" }), ` ${c("map.observed")}`);
