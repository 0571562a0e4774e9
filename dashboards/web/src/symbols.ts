// Draws the symbols of all that moves or watches, turned by steps, as strips of ready pictures.

import type { Kind } from "./kinds";
import type { Palette } from "./palette";
import { SEVERITIES, type Severity } from "./types";

/** The side of a symbol at its full size, CSS pixels; what is drawn below is drawn on such a square. */
export const CELL = 28;
/** A hull is turned by steps of 5 degrees: less is not seen at this size. */
export const STEP_DEG = 5;

export type Level = 0 | 1 | 2 | 3 | 4 | 5;
/** 0 without an alarm, else 1 for the most urgent severity to 5. */
export const level = (severity: Severity | undefined): Level =>
  (severity === undefined ? 0 : SEVERITIES.indexOf(severity) + 1) as Level;

export interface Look {
  readonly kind: Kind;
  readonly isArrow: boolean;
  readonly level: Level;
  readonly isLost: boolean;
}

/** A symbol in each of its directions from north clockwise, side by side; a circle has only one. */
export function strip(look: Look, palette: Palette, sidePx: number): ImageBitmap {
  const count = look.isArrow ? 360 / STEP_DEG : 1;
  const canvas = new OffscreenCanvas(sidePx * count, sidePx);
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("no canvas");
  for (let step = 0; step < count; step += 1) {
    pen.setTransform(1, 0, 0, 1, (step + 0.5) * sidePx, sidePx / 2);
    pen.rotate((step * STEP_DEG * Math.PI) / 180);
    pen.scale(sidePx / CELL, sidePx / CELL);
    draw(pen, look, palette);
  }
  return canvas.transferToImageBitmap();
}

function draw(pen: OffscreenCanvasRenderingContext2D, { kind, isArrow, level: of, isLost }: Look, palette: Palette): void {
  const colour = of === 0 ? palette.normal : palette.severity[SEVERITIES[of - 1]!];
  pen.beginPath();
  if (kind === "vessel" && !isArrow) pen.arc(0, 0, 5.5, 0, 2 * Math.PI);
  else outline(pen, kind);
  pen.lineJoin = "round";
  pen.setLineDash([]);
  pen.strokeStyle = palette.halo;
  pen.lineWidth = isLost ? 4.5 : 3;
  pen.stroke();
  pen.fillStyle = isLost ? palette.sea : colour;
  pen.fill();
  if (!isLost) return;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.8;
  pen.setLineDash([3, 1.6]);
  pen.stroke();
}

type Corners = readonly (readonly [number, number])[];

/** Corners around the middle, pointing up. */
export const OUTLINES: Readonly<Record<Kind, Corners>> = {
  vessel: [[0, -10.5], [6.5, 9], [0, 5], [-6.5, 9]],
  drone: [[0, -4], [6, -10], [10, -6], [4, 0], [10, 6], [6, 10], [0, 4], [-6, 10], [-10, 6], [-4, 0], [-10, -6], [-6, -10]],
  camera: [[-4, 9], [-4, 1], [-8, -8], [8, -8], [4, 1], [4, 9]],
  seal: [[-6, 8], [-6, -1], [-4, -1], [-4, -6], [-2, -8], [2, -8], [4, -6], [4, -1], [6, -1], [6, 8]],
  object: [[0, -8], [8, 0], [0, 8], [-8, 0]],
  unit: [[-7, -8], [7, -8], [7, 1], [0, 9], [-7, 1]],
  truck: [[-4, -9], [4, -9], [4, 9], [-4, 9]],
  container: [[-9, -4], [9, -4], [9, 4], [-9, 4]],
  shipment: [[-7, -9], [3, -9], [7, -5], [7, 9], [-7, 9]],
};

function outline(pen: OffscreenCanvasRenderingContext2D, kind: Kind): void {
  for (const [x, y] of OUTLINES[kind]) pen.lineTo(x, y);
  pen.closePath();
}
