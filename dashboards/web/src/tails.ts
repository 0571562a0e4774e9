// Draws where vessels in sight have just been, as one line for all of them.

import type { Drawn } from "./features";
import type { World } from "./state";
import { across, down, isInSight, placeOf, type View } from "./view";

const SHOWN = 1_000;
const FROM_ZOOM = 7;

export function drawTails(
  pen: CanvasRenderingContext2D, view: View, vessels: Iterable<Drawn>, world: World, colour: string,
): void {
  if (view.zoom < FROM_ZOOM) return;
  let room = SHOWN;
  pen.beginPath();
  for (const { subject, x, y } of vessels) {
    const tail = world.tails.get(subject);
    if (tail === undefined || tail.length < 2 || !isInSight(view, across(view, x), down(view, y), 0)) continue;
    tail.forEach(([lon, lat], index) => {
      const place = placeOf(lon, lat);
      if (index === 0) pen.moveTo(across(view, place.x), down(view, place.y));
      else pen.lineTo(across(view, place.x), down(view, place.y));
    });
    room -= 1;
    if (room === 0) break;
  }
  pen.strokeStyle = colour;
  pen.globalAlpha = 0.45;
  pen.lineWidth = 1;
  pen.lineJoin = "round";
  pen.stroke();
  pen.globalAlpha = 1;
}
