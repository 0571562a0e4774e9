// What became of one file: of each of its lines, and everything that is wrong with it.

import { bdi, h, ltr } from "../dom";
import { plain } from "../text";
import { utc } from "../time";
import { number } from "../words";
import { hashOf } from "./address";
import { lamp } from "./lamps";
import { type Import, type Light, type Line, OUTCOMES, type Problem } from "./types";
import { c } from "./words";

const STATES: Readonly<Record<Import["state"], Light>> = { reading: "amber", taken: "green", refused: "red" };
const LIGHTS: Readonly<Record<Line["outcome"], Light>> = {
  left: "amber", unconfirmed: "amber", created: "green", linked: "green", confirmed: "green", unchanged: "done",
};
/** Lines in one list; the rest is counted. What wants a person comes first. */
const LISTED = 200;

export function report(each: Import, isOpen: boolean): HTMLElement {
  return h("li", {}, h("details", { "data-id": each.id, open: isOpen },
    h("summary", {}, lamp(STATES[each.state], c(`import.${each.state}`)), " ", bdi(plain(each.name)), " ",
      h("span", { class: "dim" }, [c(`import.${each.state}`), ...tally(each)].join(" · "), " · ", ltr(utc(new Date(each.at))))),
    each.reason === "" ? null : h("p", { class: "problem" }, bdi(lineOf(each.reason))),
    table(["line", "outcome", "shipment", "boxes", "notes"], linesOf(each), told),
    table(["at", "part", "reason", "kept"], each.problems, problem, each.unlisted_problems)));
}

/** Counts, most telling first: of lines by what came of them, of containers, of problems. */
export function tally(each: Import): string[] {
  const lines = linesOf(each);
  const counts = OUTCOMES.map((outcome) => [outcome, lines.filter((line) => line.outcome === outcome).length] as const);
  return [
    ...counts.filter(([, n]) => n > 0).map(([outcome, n]) => `${c(`outcome.${outcome}`)} ${number(n)}`),
    c("import.boxes", { n: number(each.containers) }),
    c("import.problems", { n: number(each.problems.length + each.unlisted_problems) }),
  ];
}

/** Bills and voyages alike, those that want a person first. */
function linesOf({ bills, voyages }: Import): Line[] {
  const ofBills = bills.map(({ bill, outcome, shipment = "", containers, linked = [], left = [], faults = [] }): Line => ({
    name: bill, shipment, containers, outcome: outcome ?? (faults.length > 0 ? "unconfirmed" : "confirmed"),
    notes: [...linked.map((what) => c("import.added", { what })), ...left, ...faults],
  }));
  const ofVoyages = voyages.map(({ vessel, number: sailing, outcome, containers = 0, left = [] }): Line =>
    ({ name: `${vessel} ${sailing}`, shipment: "", containers, outcome, notes: left }));
  return [...ofVoyages, ...ofBills].sort((a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome));
}

function told({ name, outcome, shipment, containers, notes }: Line): (HTMLElement | SVGElement | string)[][] {
  return [
    [ltr(lineOf(name))],
    [h("span", { class: "outcome" }, lamp(LIGHTS[outcome], c(`light.${LIGHTS[outcome]}`)), " ", c(`outcome.${outcome}`))],
    shipment === "" ? [] : [h("a", { href: hashOf({ shipment, query: "" }) }, ltr(plain(shipment)))],
    [ltr(number(containers), "figure boxes")],
    notes.map((note) => h("p", {}, bdi(lineOf(note)))),
  ];
}

const problem = ({ at, part, reason, kept }: Problem): (HTMLElement | string)[][] =>
  [[at === 0 ? "–" : ltr(String(at))], [ltr(lineOf(part))], [bdi(lineOf(reason))], [bdi(lineOf(kept))]];

type Column = "line" | "outcome" | "shipment" | "boxes" | "notes" | "at" | "part" | "reason" | "kept";

function table<T>(
  columns: readonly Column[], rows: readonly T[], cells: (row: T) => readonly (readonly (Element | string)[])[], unlisted = 0,
): HTMLElement | null {
  if (rows.length === 0) return null;
  const more = unlisted + Math.max(0, rows.length - LISTED);
  return h("div", {},
    h("table", { class: "lines" },
      h("thead", {}, h("tr", {}, ...columns.map((column) => h("th", { scope: "col" }, c(`column.${column}`))))),
      h("tbody", {}, ...rows.slice(0, LISTED).map((row) => h("tr", {}, ...cells(row).map((cell) => h("td", {}, ...cell)))))),
    more === 0 ? null : h("p", { class: "dim" }, c("import.more", { n: number(more) })));
}

const lineOf = (text: string): string => text.split(/\s+/).map((word) => plain(word)).join(" ").slice(0, 300);
