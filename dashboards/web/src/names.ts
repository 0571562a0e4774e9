// Writes names beside vessels where there is room: the alarmed ones first, none over another. The
// browser itself shapes the text, so every script it can write stands on the map too.

import type { Drawn } from "./features";
import type { Palette } from "./palette";
import { drawBadge } from "./shapes";
import { SEVERITIES } from "./types";
import { across, down, isInSight, type Place, type View } from "./view";

const SHOWN = 250;
const FROM_ZOOM = 11;
/** Those with an alarm are named from farther away, and all where they are so few. */
const FEW = 40;
const FEW_FROM_ZOOM = 7;
const BADGE = 16;
/** From the middle of a vessel to its name, CSS pixels. */
const AWAY = 12;
const LINE = 14;
const APART = 4;
const MARGIN = 40;
const AGED = [1, 0.85, 0.7, 0.7] as const;

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What the map itself writes, on the middle of its lower edge. */
export interface Sign extends Place {
  readonly name: string;
}

export function drawNames(
  pen: CanvasRenderingContext2D, view: View, vessels: Iterable<Drawn>, signs: readonly Sign[], palette: Palette,
): void {
  const inSight = [...vessels]
    .map((vessel) => ({ vessel, left: across(view, vessel.x), top: down(view, vessel.y) }))
    .filter(({ left, top }) => isInSight(view, left, top, MARGIN))
    .sort((a, b) => b.vessel.order - a.vessel.order);
  const alarmed = inSight.filter(({ vessel }) => vessel.level > 0);
  const others = view.zoom >= FROM_ZOOM ? SHOWN : view.zoom >= FEW_FROM_ZOOM && inSight.length <= FEW ? FEW : 0;
  const taken: Box[] = alarmed.map(({ left, top }) => ({ left: left + 3, top: top - 19, width: BADGE, height: BADGE }));
  const named: { label: string; left: number; top: number }[] = [];
  const family = getComputedStyle(document.body).fontFamily;
  pen.font = `11px ${family}`;
  taken.push(...signs.map((sign) => boxOf(view, sign, pen.measureText(sign.name).width)));
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  pen.lineJoin = "round";
  pen.strokeStyle = palette.halo;
  pen.fillStyle = palette.text;
  for (const { vessel, left, top } of inSight.slice(0, alarmed.length + others)) {
    const isAlarmed = vessel.level > 0;
    if (view.zoom < FEW_FROM_ZOOM) break;
    pen.font = isAlarmed ? `600 12px ${family}` : `11px ${family}`;
    if (named.some((other) => other.label === vessel.label && Math.hypot(other.left - left, other.top - top) < 2 * AWAY)) continue;
    const shown = isolated(vessel.label);
    const box = room(taken, left, top, pen.measureText(shown).width, isAlarmed ? BADGE - 4 : 0);
    if (box === null) continue;
    taken.push(box);
    named.push({ label: vessel.label, left, top }); // a drone and its camera are named once
    pen.globalAlpha = isAlarmed ? 1 : AGED[vessel.age] ?? 1;
    pen.lineWidth = 3;
    pen.strokeText(shown, box.left, box.top + LINE / 2);
    pen.fillText(shown, box.left, box.top + LINE / 2);
  }
  pen.globalAlpha = 1;
  for (const { vessel, left, top } of alarmed.reverse()) {
    const severity = SEVERITIES[vessel.level - 1]!;
    pen.save();
    pen.translate(left + 3, top - 19);
    drawBadge(pen, severity, BADGE, palette.severity[severity], palette.ink);
    pen.restore();
  }
}

const boxOf = (view: View, { x, y }: Place, width: number): Box =>
  ({ left: across(view, x) - width / 2, top: down(view, y) - LINE - 2, width, height: LINE });

/** Where a name goes: right, left, above or below of the vessel, or nowhere. */
export function room(taken: readonly Box[], left: number, top: number, width: number, beside: number): Box | null {
  const places = [
    [left + AWAY + beside, top - LINE / 2 - (beside > 0 ? 4 : 0)], [left - AWAY - width, top - LINE / 2],
    [left - width / 2, top - AWAY - LINE], [left - width / 2, top + AWAY],
  ] as const;
  for (const [x, y] of places) {
    const box = { left: x, top: y, width, height: LINE };
    if (!taken.some((other) => overlap(box, other))) return box;
  }
  return null;
}

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.left + b.width + APART && b.left < a.left + a.width + APART
  && a.top < b.top + b.height && b.top < a.top + a.height;

/** Read by its own first strong sign, whatever the direction of the page. */
const isolated = (text: string): string => `\u2068${text}\u2069`;
