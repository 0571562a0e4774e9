// A light is told by its shape and sign as well as by its colour.

import { svg } from "../dom";
import type { Light } from "./types";

const SHAPES: Readonly<Record<Light, readonly [tag: string, attributes: Readonly<Record<string, string>>, sign: string]>> = {
  red: ["path", { d: "M8 1.5h8L22.5 8v8L16 22.5H8L1.5 16V8z" }, "M8 8l8 8M16 8l-8 8"],
  amber: ["path", { d: "M12 1l11.5 21H.5z" }, "M12 8.5v6.5M12 18v1"],
  green: ["circle", { cx: "12", cy: "12", r: "10.5" }, "M7 12.5l3.5 3.5 6.5-7.5"],
  done: ["circle", { cx: "12", cy: "12", r: "10" }, "M7 12.5l3.5 3.5 6.5-7.5"],
};

export function lamp(light: Light, label: string): SVGElement {
  const [tag, attributes, sign] = SHAPES[light];
  return svg("svg", { class: `lamp ${light}`, viewBox: "0 0 24 24", role: "img", "aria-label": label },
    svg(tag, attributes), svg("path", { class: "sign", d: sign }));
}
