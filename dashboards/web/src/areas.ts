// Where to look first: zones that lie together make an area, and the busiest one is shown. Pure.

import { type Bounds, boundsOf, contains, positions } from "./geo";
import type { Vessel, Zones } from "./types";

/** Zones closer than this belong to one area, degrees. */
const TOGETHER = 0.5;

/** The areas that the zones make up. */
export function areas(zones: Zones): Bounds[] {
  let found: Bounds[] = [];
  for (const zone of zones.features) {
    let area = boundsOf(positions(zone.geometry));
    if (area === null) continue;
    const apart: Bounds[] = [];
    for (const other of found) {
      if (near(area, other)) area = joined(area, other);
      else apart.push(other);
    }
    found = [...apart, area];
  }
  return found;
}

/** The area with the most vessels in or near it, the first where none has any. */
export function busiest(candidates: readonly Bounds[], vessels: Iterable<Vessel>): Bounds | null {
  const counts = candidates.map(() => 0);
  for (const { lon, lat } of vessels) {
    candidates.forEach((area, index) => {
      if (contains(area, lon, lat, TOGETHER)) counts[index]! += 1;
    });
  }
  return candidates[counts.indexOf(Math.max(...counts))] ?? null;
}

const near = (a: Bounds, b: Bounds): boolean =>
  a.west <= b.east + TOGETHER && b.west <= a.east + TOGETHER
  && a.south <= b.north + TOGETHER && b.south <= a.north + TOGETHER;

const joined = (a: Bounds, b: Bounds): Bounds => ({
  west: Math.min(a.west, b.west), south: Math.min(a.south, b.south),
  east: Math.max(a.east, b.east), north: Math.max(a.north, b.north),
});
