// Draws what cameras see of the ground, and where sightings are with 95 % probability.

import type { Drawn } from "./features";
import type { Palette } from "./palette";
import { across, down, type View } from "./view";

const FROM_ZOOM = 6;

export function drawOutlines(
  pen: CanvasRenderingContext2D, view: View, fleet: Iterable<Drawn>, palette: Palette,
): void {
  if (view.zoom < FROM_ZOOM) return;
  for (const { kind, outline } of fleet) {
    if (outline.length < 3) continue;
    pen.beginPath();
    for (const { x, y } of outline) pen.lineTo(across(view, x), down(view, y));
    pen.closePath();
    pen.strokeStyle = pen.fillStyle = kind === "camera" ? palette.track : palette.selected;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.1;
    pen.fill();
    pen.globalAlpha = 0.6;
    pen.stroke();
  }
  pen.globalAlpha = 1;
}
