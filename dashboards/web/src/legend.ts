// What the signs on the map mean, folded away until asked for.

import { h, svg } from "./dom";
import { type Kind, KINDS } from "./kinds";
import { badge } from "./shapes";
import { OUTLINES } from "./symbols";
import { SEVERITIES } from "./types";
import { t } from "./words";

const HULL = "14,3.5 20.5,23 14,19 7.5,23";

const hull = (className: string): SVGElement =>
  svg("svg", { class: `sign ${className}`, viewBox: "4 2 20 23", "aria-hidden": "true" }, svg("polygon", { points: HULL }));

const dot = (): SVGElement =>
  svg("svg", { class: "sign", viewBox: "4 4 20 20", "aria-hidden": "true" }, svg("circle", { cx: 14, cy: 14, r: 5.5 }));

const sign = (kind: Kind): SVGElement =>
  svg("svg", { class: "sign", viewBox: "-12 -12 24 24", "aria-hidden": "true" },
    svg("polygon", { points: OUTLINES[kind].map((corner) => corner.join(",")).join(" ") }));

export function legend(): HTMLElement {
  const line = (sign: SVGElement, words: string): HTMLElement => h("li", {}, sign, words);
  return h(
    "details",
    { class: "legend" },
    h("summary", {}, t("legend.title")),
    h(
      "ul",
      {},
      line(hull(""), t("legend.moving")),
      line(dot(), t("legend.stopped")),
      line(hull("older"), t("legend.older")),
      line(hull("lost"), t("legend.lost")),
      ...KINDS.filter((kind) => kind !== "vessel").map((kind) => line(sign(kind), t(`subject.${kind}`))),
      ...SEVERITIES.map((severity) => line(badge(severity), t(`severity.${severity}`))),
    ),
  );
}
