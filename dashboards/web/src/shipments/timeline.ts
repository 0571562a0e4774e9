// Declared above, observed below, on one scale of time; and the same as a table.

import { h, ltr, svg } from "../dom";
import { duration, utc } from "../time";
import { unit } from "../words";
import type { Milestone } from "./milestones";
import { c, called } from "./words";

/** About the pixels that it is shown at, so that its figures stay as large as text. */
const WIDTH = 600;
const EDGE = 14;
const DECLARED_Y = 20;
const OBSERVED_Y = 56;
const ON_TIME_MS = 60_000;

export function timeline(milestones: readonly Milestone[], nowMs: number): HTMLElement[] {
  if (milestones.length === 0) return [h("p", { class: "dim" }, c("timeline.none"))];
  return [picture(milestones, nowMs), table(milestones)];
}

function picture(milestones: readonly Milestone[], nowMs: number): HTMLElement {
  const times = milestones.flatMap(({ declared, observed }) => [declared, observed])
    .filter((at) => at !== null).map((at) => Date.parse(at));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const across = (ms: number): number => EDGE + ((ms - first) / Math.max(1, last - first)) * (WIDTH - 2 * EDGE);
  const isNowShown = nowMs >= first && nowMs <= last;
  return h("div", { class: "timeline", dir: "ltr" },
    svg("svg", { viewBox: `0 0 ${WIDTH} 76`, "aria-hidden": "true" },
      svg("path", { class: "lane", d: `M0 ${DECLARED_Y}H${WIDTH}M0 ${OBSERVED_Y}H${WIDTH}` }),
      isNowShown ? svg("path", { class: "now", d: `M${across(nowMs)} 2V74` }) : null,
      ...milestones.map((each, index) => mark(each, index + 1, across))));
}

/** A square is what was declared, a circle what happened; the number is that of the table. */
function mark({ declared, observed }: Milestone, number: number, across: (ms: number) => number): SVGElement {
  const from = declared === null ? null : across(Date.parse(declared));
  const to = observed === null ? null : across(Date.parse(observed));
  const label = (x: number, y: number): SVGElement =>
    svg("text", { x, y: y + 3.5, "text-anchor": "middle" }, String(number));
  return svg("g", {},
    from !== null && to !== null ? svg("path", { class: "tie", d: `M${from} ${DECLARED_Y}L${to} ${OBSERVED_Y}` }) : null,
    from === null ? null : svg("rect", { class: "declared", x: from - 8, y: DECLARED_Y - 8, width: 16, height: 16, rx: 2 }),
    from === null ? null : label(from, DECLARED_Y),
    to === null ? null : svg("circle", { class: "observed", cx: to, cy: OBSERVED_Y, r: 8.5 }),
    to === null ? null : label(to, OBSERVED_Y));
}

function table(milestones: readonly Milestone[]): HTMLElement {
  return h("table", { class: "moments" },
    h("thead", {}, h("tr", {}, h("th", {}, ""), h("th", {}, c("timeline.moment")),
      h("th", {}, h("span", { class: "key declared" }), c("timeline.declared")),
      h("th", {}, h("span", { class: "key observed" }), c("timeline.observed")),
      h("th", {}, c("timeline.difference")))),
    h("tbody", {}, ...milestones.map((each, index) => h("tr", {},
      h("td", { class: "dim" }, String(index + 1)),
      h("td", {}, called("moment", each.what), " ", ltr(each.place, "figure dim")),
      h("td", {}, moment(each.declared)),
      h("td", {}, moment(each.observed), each.by === null ? null : h("small", {}, called("source", each.by))),
      h("td", {}, difference(each))))));
}

const moment = (at: string | null): HTMLElement | string => (at === null ? "–" : ltr(utc(new Date(at)).replace(/:\d\dZ$/, "Z")));

function difference({ declared, observed }: Milestone): HTMLElement | string {
  if (declared === null || observed === null) return "";
  const ms = Date.parse(observed) - Date.parse(declared);
  if (Math.abs(ms) < ON_TIME_MS) return c("timeline.on_time");
  const far = duration(Math.abs(ms) / 1000, unit);
  return c(ms > 0 ? "timeline.later" : "timeline.earlier", { time: far });
}
