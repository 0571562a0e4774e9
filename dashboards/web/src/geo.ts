// Positions and directions as mariners write them.

export interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** Decimal degrees: `35.10540, 129.04000`. */
export function decimal(lat: number, lon: number): string {
  return `${lat.toFixed(5)}, ${wrapped(lon).toFixed(5)}`;
}

/** Degrees and decimal minutes: `35°06.324′N 129°02.400′E`. */
export function minutes(lat: number, lon: number): string {
  const x = wrapped(lon);
  return `${part(lat, 2)}${lat < 0 ? "S" : "N"} ${part(x, 3)}${x < 0 ? "W" : "E"}`;
}

function part(degrees: number, width: number): string {
  const thousandths = Math.round(Math.abs(degrees) * 60_000);
  const whole = String(Math.floor(thousandths / 60_000)).padStart(width, "0");
  return `${whole}°${((thousandths % 60_000) / 1000).toFixed(3).padStart(6, "0")}′`;
}

/** Longitude in [-180, 180). */
export function wrapped(lon: number): number {
  return ((((lon + 180) % 360) + 360) % 360) - 180;
}

/** `087°`, or `null` where there is none. */
export function bearing(degrees: number | null): string | null {
  return degrees === null ? null : `${String(Math.round(degrees) % 360).padStart(3, "0")}°`;
}

/** Below this a vessel has no direction of travel worth drawing. */
export const STOPPED_BELOW_KN = 0.5;

/** Where the arrow of a vessel points: heading, else course; `null` draws a circle. */
export function pointing(vessel: {
  readonly speed_kn: number | null;
  readonly course_deg: number | null;
  readonly heading_deg: number | null;
}): number | null {
  if (vessel.speed_kn !== null && vessel.speed_kn < STOPPED_BELOW_KN) return null;
  return vessel.heading_deg ?? vessel.course_deg;
}

export function boundsOf(points: Iterable<readonly [number, number]>): Bounds | null {
  let bounds: Bounds | null = null;
  for (const [lon, lat] of points) {
    bounds = bounds === null
      ? { west: lon, south: lat, east: lon, north: lat }
      : {
          west: Math.min(bounds.west, lon), south: Math.min(bounds.south, lat),
          east: Math.max(bounds.east, lon), north: Math.max(bounds.north, lat),
        };
  }
  return bounds;
}

export function contains(bounds: Bounds, lon: number, lat: number, margin = 0): boolean {
  return lon >= bounds.west - margin && lon <= bounds.east + margin
    && lat >= bounds.south - margin && lat <= bounds.north + margin;
}

/** Every position of a polygon's outlines. */
export function* positions(geometry: GeoJSON.Polygon | GeoJSON.MultiPolygon): Generator<[number, number]> {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  for (const rings of polygons) for (const ring of rings) for (const [lon, lat] of ring) yield [lon!, lat!];
}
