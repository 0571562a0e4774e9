// Turns vessels, tails and tracks into what the map draws. Pure.

import { type Bounds, contains, pointing } from "./geo";
import type { Tail, World } from "./state";
import { level, vesselSymbol } from "./symbols";
import { brief } from "./text";
import { ageBand, referenceTime } from "./time";
import { mmsi } from "./ships";
import type { TrackPoint, Vessel } from "./types";

export interface Drawn {
  readonly subject: string;
  readonly symbol: string;
  readonly rotation: number;
  readonly level: number;
  readonly age: number;
  readonly label: string;
  /** Above others where it is larger. */
  readonly order: number;
}

type PointFeature = GeoJSON.Feature<GeoJSON.Point, Drawn>;

/** Draw one vessel as of `nowMs`. */
export function vesselFeature(world: World, vessel: Vessel, nowMs: number): PointFeature {
  const at = referenceTime(nowMs, world.newestMs);
  const age = ageBand((at - Date.parse(vessel.at)) / 1000);
  const towards = pointing(vessel);
  const urgency = level(world.worst.get(vessel.subject));
  return {
    type: "Feature",
    geometry: { type: "Point", coordinates: [vessel.lon, vessel.lat] },
    properties: {
      subject: vessel.subject,
      symbol: vesselSymbol(towards !== null, urgency, age === 3),
      rotation: towards ?? 0,
      level: urgency,
      age,
      label: labelOf(vessel),
      order: urgency === 0 ? 3 - age : 10 - urgency,
    },
  };
}

/** What to call a vessel: its name as text, else its number. */
export function labelOf(vessel: { readonly name: string | null; readonly subject: string }): string {
  return brief(vessel.name ?? "") || mmsi(vessel.subject);
}

/** Vessels with an alarm, and the names of those in sight where there is room for names. */
export function nameFeatures(
  vessels: Iterable<Drawn & { readonly lon: number; readonly lat: number }>, bounds: Bounds, limit: number,
): GeoJSON.FeatureCollection<GeoJSON.Point, Drawn> {
  const features: PointFeature[] = [];
  let room = limit;
  for (const { lon, lat, ...drawn } of vessels) {
    if (drawn.level === 0 && (room <= 0 || !contains(bounds, lon, lat))) continue;
    if (drawn.level === 0) room -= 1;
    features.push({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: drawn });
  }
  return { type: "FeatureCollection", features };
}

/** The tails of vessels in sight, at most `limit` of them. */
export function tailFeatures(
  world: World, bounds: Bounds, limit: number,
): GeoJSON.FeatureCollection<GeoJSON.LineString> {
  const features: GeoJSON.Feature<GeoJSON.LineString>[] = [];
  for (const [subject, tail] of world.tails) {
    const vessel = world.vessels.get(subject);
    if (tail.length < 2 || vessel === undefined) continue;
    if (!contains(bounds, vessel.lon, vessel.lat)) continue;
    if (features.push(line(tail)) >= limit) break;
  }
  return { type: "FeatureCollection", features };
}

const line = (tail: Tail): GeoJSON.Feature<GeoJSON.LineString> => ({
  type: "Feature",
  properties: {},
  geometry: { type: "LineString", coordinates: tail.map(([lon, lat]) => [lon, lat]) },
});

const MARKS = 12;

/** A track as a line and its points, about a dozen of them marked with the time. */
export function trackFeatures(
  points: readonly TrackPoint[], clock: (at: Date) => string,
): GeoJSON.FeatureCollection {
  if (points.length === 0) return { type: "FeatureCollection", features: [] };
  const step = Math.max(1, Math.ceil(points.length / MARKS));
  const dots = points.map(([lon, lat, at, speed], index) => ({
    type: "Feature" as const,
    geometry: { type: "Point" as const, coordinates: [lon, lat] },
    properties: { at, speed, clock: clock(new Date(at)), marked: index % step === 0 },
  }));
  const way = {
    type: "Feature" as const,
    properties: {},
    geometry: { type: "LineString" as const, coordinates: points.map(([lon, lat]) => [lon, lat]) },
  };
  return { type: "FeatureCollection", features: points.length > 1 ? [way, ...dots] : dots };
}
