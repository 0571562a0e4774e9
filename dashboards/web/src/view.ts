// What part of the world the map shows, and where on the screen a place in it stands. Pure.

/** On a square of side 1 that holds the whole world: x east, y south, as in Web Mercator. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** North is up and nothing is tilted, so a place needs no more than these. Lengths are CSS pixels. */
export interface View {
  readonly zoom: number;
  readonly middle: Place;
  /** The side of the whole world. */
  readonly world: number;
  readonly width: number;
  readonly height: number;
}

/** The northernmost latitude of the square. */
const LIMIT = 85.051129;

export function placeOf(lon: number, lat: number): Place {
  const north = (Math.max(-LIMIT, Math.min(LIMIT, lat)) * Math.PI) / 180;
  return { x: lon / 360 + 0.5, y: 0.5 - Math.log(Math.tan(Math.PI / 4 + north / 2)) / (2 * Math.PI) };
}

export const across = (view: View, x: number): number => (x - view.middle.x) * view.world + view.width / 2;
export const down = (view: View, y: number): number => (y - view.middle.y) * view.world + view.height / 2;

/** Whether a point of the screen is in sight, or less than `margin` beyond its edge. */
export const isInSight = (view: View, left: number, top: number, margin: number): boolean =>
  left > -margin && top > -margin && left < view.width + margin && top < view.height + margin;
