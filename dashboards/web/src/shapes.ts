// The shape and number of each severity, drawn alike in the list and on the map.

import { svg } from "./dom";
import { rank } from "./state";
import type { Severity } from "./types";

type Outline = readonly (readonly [number, number])[];

/** Corners on a square from 0 to 24; a circle where there are none. */
const OUTLINES: Readonly<Record<Severity, Outline>> = {
  CRITICAL: [[8, 1.5], [16, 1.5], [22.5, 8], [22.5, 16], [16, 22.5], [8, 22.5], [1.5, 16], [1.5, 8]],
  MAJOR: [[12, 0.5], [23.5, 22], [0.5, 22]],
  MINOR: [[12, 0], [24, 12], [12, 24], [0, 12]],
  WARNING: [[2.5, 2.5], [21.5, 2.5], [21.5, 21.5], [2.5, 21.5]],
  INDETERMINATE: [],
};

/** Where the number stands in the shape: a triangle's middle is low. */
const baseline = (severity: Severity): number => (severity === "MAJOR" ? 19.5 : 16.8);

export const digit = (severity: Severity): string => String(rank(severity) + 1);

/** A badge for the list; what it means stands beside it or in its label. */
export function badge(severity: Severity, label: string | null = null): SVGElement {
  const outline = OUTLINES[severity];
  const shape = outline.length > 0
    ? svg("polygon", { points: outline.map((corner) => corner.join(",")).join(" ") })
    : svg("circle", { cx: 12, cy: 12, r: 10.5 });
  return svg(
    "svg",
    {
      class: `badge ${severity}`, viewBox: "0 0 24 24", role: label === null ? null : "img",
      "aria-label": label, "aria-hidden": label === null ? "true" : null,
    },
    shape,
    svg("text", { x: 12, y: baseline(severity), "text-anchor": "middle" }, digit(severity)),
  );
}

/** Draw the badge on a canvas, its square of 24 scaled to `size` pixels at the origin. */
export function drawBadge(
  pen: CanvasRenderingContext2D, severity: Severity, size: number, fill: string, ink: string,
): void {
  const scale = size / 24;
  pen.save();
  pen.scale(scale, scale);
  pen.beginPath();
  const outline = OUTLINES[severity];
  if (outline.length === 0) pen.arc(12, 12, 10.5, 0, 2 * Math.PI);
  for (const [x, y] of outline) pen.lineTo(x, y);
  pen.closePath();
  pen.lineJoin = "round";
  pen.strokeStyle = ink;
  pen.lineWidth = 3;
  pen.stroke();
  pen.fillStyle = fill;
  pen.fill();
  pen.fillStyle = ink;
  pen.font = "800 14px sans-serif";
  pen.textAlign = "center";
  pen.fillText(digit(severity), 12, baseline(severity));
  pen.restore();
}
