// Draws every vessel from ready pictures, ten thousand of them in a few milliseconds, and finds the
// one under the pointer. A layer of MapLibre's own would repaint the whole map for each change.

import type { Drawn } from "./features";
import { KINDS } from "./kinds";
import type { Palette } from "./palette";
import { CELL, STEP_DEG, strip } from "./symbols";
import { across, down, isInSight, type View } from "./view";

const OPACITY = [1, 0.72, 0.5, 0.6] as const;
/** How far from a symbol a click still means it, CSS pixels. */
const REACH = 10;
const RING = 17;

export class Fleet {
  private readonly vessels = new Map<string, Drawn>();
  private readonly strips = new Map<number, ImageBitmap>();
  private sidePx = 0;

  constructor(private palette: Palette) {}

  get(subject: string): Drawn | undefined {
    return this.vessels.get(subject);
  }

  all(): Iterable<Drawn> {
    return this.vessels.values();
  }

  put(vessel: Drawn): void {
    this.vessels.set(vessel.subject, vessel);
  }

  remove(subject: string): boolean {
    return this.vessels.delete(subject);
  }

  recolour(palette: Palette): void {
    this.palette = palette;
    this.forget();
  }

  /** The nearest vessel under a point of the screen. */
  at(view: View, left: number, top: number): string | null {
    let nearest: string | null = null;
    let least = REACH;
    for (const { subject, x, y } of this.vessels.values()) {
      const distance = Math.hypot(across(view, x) - left, down(view, y) - top);
      if (distance < least) [nearest, least] = [subject, distance];
    }
    return nearest;
  }

  draw(pen: CanvasRenderingContext2D, view: View, selected: string | null): void {
    const ratio = pen.getTransform().a;
    const sidePx = Math.round((CELL * scale(view.zoom) * ratio) / 2) * 2;
    if (sidePx !== this.sidePx) this.forget();
    this.sidePx = sidePx;
    this.ring(pen, view, selected);
    const side = sidePx / ratio;
    const whole = (at: number): number => Math.round((at - side / 2) * ratio) / ratio; // pictures stay sharp
    const seen = [...this.vessels.values()].filter(({ x, y }) => isInSight(view, across(view, x), down(view, y), side));
    for (const vessel of seen.sort((a, b) => a.order - b.order)) {
      const step = vessel.direction === null ? 0 : Math.round(vessel.direction / STEP_DEG) % (360 / STEP_DEG);
      pen.globalAlpha = OPACITY[vessel.age] ?? 1;
      pen.drawImage(
        this.strip(vessel), step * sidePx, 0, sidePx, sidePx,
        whole(across(view, vessel.x)), whole(down(view, vessel.y)), side, side,
      );
    }
    pen.globalAlpha = 1;
  }

  private ring(pen: CanvasRenderingContext2D, view: View, selected: string | null): void {
    const vessel = selected === null ? undefined : this.vessels.get(selected);
    if (vessel === undefined) return;
    pen.beginPath();
    pen.arc(across(view, vessel.x), down(view, vessel.y), RING, 0, 2 * Math.PI);
    pen.strokeStyle = pen.fillStyle = this.palette.selected;
    pen.lineWidth = 2;
    pen.stroke();
    pen.globalAlpha = 0.1;
    pen.fill();
  }

  private strip({ kind, direction, level, age }: Drawn): ImageBitmap {
    const isArrow = direction !== null;
    const isLost = age === 3;
    const key = ((KINDS.indexOf(kind) * 6 + level) * 2 + Number(isArrow)) * 2 + Number(isLost);
    const known = this.strips.get(key);
    if (known !== undefined) return known;
    const made = strip({ kind, isArrow, level, isLost }, this.palette, this.sidePx);
    this.strips.set(key, made);
    return made;
  }

  private forget(): void {
    for (const each of this.strips.values()) each.close();
    this.strips.clear();
  }
}

/** Symbols grow with the zoom, from 0.45 of their size to a little more than it. */
const scale = (zoom: number): number =>
  zoom < 9 ? 0.45 + (Math.max(0, zoom - 4) / 5) * 0.27 : Math.min(1.05, 0.72 + ((zoom - 9) / 5) * 0.33);
