// Turns vessels and tracks into what the map draws. Pure.

import { boundsOf, pointing, positions } from "./geo";
import { isTurned, type Kind, kindOf } from "./kinds";
import { mmsi } from "./ships";
import type { World } from "./state";
import { type Level, level } from "./symbols";
import { brief } from "./text";
import { type AgeBand, ageBand, referenceTime } from "./time";
import type { TrackPoint, Vessel, ZoneProperties, Zones } from "./types";
import { type Place, placeOf } from "./view";
import { t } from "./words";

/** A vessel as it stands on the map. */
export interface Drawn extends Place {
  readonly subject: string;
  readonly kind: Kind;
  /** Degrees; a circle where there is none. */
  readonly direction: number | null;
  readonly level: Level;
  readonly age: AgeBand;
  readonly label: string;
  readonly outline: readonly Place[];
  /** Above others where it is larger. */
  readonly order: number;
}

/** Draw one vessel as of `nowMs`. */
export function drawn(world: World, vessel: Vessel, nowMs: number): Drawn {
  const at = referenceTime(nowMs, world.newestMs);
  const kind = kindOf(vessel.subject);
  const age = kind === "shipment" ? 0 : ageBand((at - Date.parse(vessel.at)) / 1000);
  const urgency = level(world.worst.get(vessel.subject));
  return {
    ...placeOf(vessel.lon, vessel.lat),
    subject: vessel.subject,
    kind,
    direction: front(kind, vessel),
    level: urgency,
    age,
    label: world.sightings.get(vessel.subject)?.is_dark ? `${labelOf(vessel)} · ${t("object.dark")}` : labelOf(vessel),
    outline: (vessel.equipment?.outline ?? []).map(([lon, lat]) => placeOf(lon, lat)),
    order: urgency === 0 ? 3 - age : 10 - urgency,
  };
}

/** A ship that lies still is drawn as a circle; a drone in the air and a camera have a front always. */
function front(kind: Kind, vessel: Vessel): number | null {
  if (kind === "vessel") return pointing(vessel);
  return isTurned(kind) ? vessel.heading_deg ?? vessel.course_deg : null;
}

/** Unseen for so long, a camera's object is taken to be gone. */
const OBJECT_GONE_MS = 120_000;

/** Whether something is no longer there: an object that its camera has lost sight of. */
export function isGone(world: World, vessel: Vessel, nowMs: number): boolean {
  if (kindOf(vessel.subject) !== "object") return false;
  const age = referenceTime(nowMs, world.newestMs) - Date.parse(vessel.at);
  return vessel.equipment?.is_over === true || age > OBJECT_GONE_MS;
}

/** Whether another sign stands for it: an object that is a vessel, or what another camera sees. An alarm keeps it. */
export function isMerged(world: World, subject: string): boolean {
  const target = world.sightings.get(subject)?.target ?? subject;
  return target !== subject && world.vessels.has(target) && !world.worst.has(subject);
}

/** What to call a vessel: its name as text, else its number; `quay.5cf9a54f-1`, which a camera saw, is `quay #1`. */
export function labelOf(vessel: { readonly name: string | null; readonly subject: string }): string {
  const number = mmsi(vessel.subject);
  return brief(vessel.name ?? "") || (kindOf(vessel.subject) === "object" ? number.replace(/\.\w+-(\d+)$/, " #$1") : number);
}

/** The name of each zone stands on the middle of its northern edge, clear of what is in it. */
export function zoneNames(zones: Zones): GeoJSON.FeatureCollection<GeoJSON.Point, ZoneProperties> {
  const features = zones.features.flatMap(({ geometry, properties }): GeoJSON.Feature<GeoJSON.Point, ZoneProperties>[] => {
    const bounds = boundsOf(positions(geometry));
    if (bounds === null) return [];
    return [{ type: "Feature", properties, geometry: { type: "Point", coordinates: [(bounds.west + bounds.east) / 2, bounds.north] } }];
  });
  return { type: "FeatureCollection", features };
}

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
