// Draws the map's symbols: arrows and circles of vessels, badges of severities.

import type { Palette } from "./palette";
import { drawBadge } from "./shapes";
import { SEVERITIES, type Severity } from "./types";

/** Pixels per CSS pixel: sharp on dense screens. */
export const RATIO = 2;
/** The side of a vessel's symbol, CSS pixels. */
export const CELL = 28;
const BADGE = 16;

export type Level = 0 | 1 | 2 | 3 | 4 | 5;
/** 0 without an alarm, else 1 for the most urgent severity to 5. */
export const level = (severity: Severity | undefined): Level =>
  (severity === undefined ? 0 : SEVERITIES.indexOf(severity) + 1) as Level;

export function vesselSymbol(isArrow: boolean, of: Level, isLost: boolean): string {
  return `${isArrow ? "arrow" : "circle"}-${of}${isLost ? "-lost" : ""}`;
}

const LEVELS: readonly Level[] = [0, 1, 2, 3, 4, 5];

/** The names of all symbols of vessels, in a fixed order. */
export const VESSEL_SYMBOLS: readonly string[] = LEVELS.flatMap((of) =>
  [true, false].flatMap((isArrow) => [true, false].map((isLost) => vesselSymbol(isArrow, of, isLost))));

/** Every image by its name. */
export function symbols(palette: Palette): Map<string, ImageData> {
  const images = new Map<string, ImageData>();
  for (const of of LEVELS) {
    const colour = of === 0 ? palette.normal : palette.severity[SEVERITIES[of - 1]!];
    for (const isArrow of [true, false]) {
      for (const isLost of [true, false]) {
        const draw = isArrow ? arrow : circle;
        images.set(vesselSymbol(isArrow, of, isLost), drawn(CELL, (pen) => {
          outline(pen, draw, colour, palette, isLost);
        }));
      }
    }
  }
  for (const severity of SEVERITIES) {
    images.set(`badge-${level(severity)}`, drawn(BADGE, (pen) => {
      drawBadge(pen, severity, BADGE, palette.severity[severity], palette.ink);
    }));
  }
  return images;
}

function outline(
  pen: CanvasRenderingContext2D, draw: (pen: CanvasRenderingContext2D) => void,
  colour: string, palette: Palette, isLost: boolean,
): void {
  pen.beginPath();
  draw(pen);
  pen.lineJoin = "round";
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

/** A hull with a bow, pointing up, its middle in the middle of the square. */
function arrow(pen: CanvasRenderingContext2D): void {
  pen.moveTo(14, 3.5);
  pen.lineTo(20.5, 23);
  pen.lineTo(14, 19);
  pen.lineTo(7.5, 23);
  pen.closePath();
}

function circle(pen: CanvasRenderingContext2D): void {
  pen.arc(14, 14, 5.5, 0, 2 * Math.PI);
  pen.closePath();
}

function drawn(side: number, draw: (pen: CanvasRenderingContext2D) => void): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side * RATIO;
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("no canvas");
  pen.scale(RATIO, RATIO);
  draw(pen);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}
