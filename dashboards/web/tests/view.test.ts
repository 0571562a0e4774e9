import { describe, expect, it } from "vitest";

import { type Box, room } from "../src/names";
import { across, down, isInSight, placeOf, type View } from "../src/view";

const BUSAN = placeOf(129.04, 35.1);
const VIEW: View = { zoom: 10, middle: BUSAN, world: 512 * 2 ** 10, width: 800, height: 600 };

describe("a view", () => {
  it("stands on the square of Web Mercator", () => {
    expect(placeOf(0, 0)).toEqual({ x: 0.5, y: 0.5 });
    expect(placeOf(180, 85.051129).x).toBe(1);
    expect(placeOf(180, 85.051129).y).toBeCloseTo(0, 6);
    expect(placeOf(0, 90).y).toBe(placeOf(0, 85.051129).y);
  });

  it("has its middle in the middle, east to the right and north above", () => {
    expect([across(VIEW, BUSAN.x), down(VIEW, BUSAN.y)]).toEqual([400, 300]);
    const other = placeOf(129.04 + 360 / VIEW.world, 35.2);
    expect(across(VIEW, other.x)).toBeCloseTo(401, 6);
    expect(down(VIEW, other.y)).toBeLessThan(300);
  });

  it("ends at its edges, give or take a margin", () => {
    expect([isInSight(VIEW, -5, 10, 0), isInSight(VIEW, -5, 10, 10), isInSight(VIEW, 10, 611, 10)]).toEqual([false, true, false]);
  });
});

describe("a name", () => {
  it("stands right of its vessel, else left, above, below, else nowhere", () => {
    const taken: Box[] = [];
    const sides: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const box = room(taken, 100, 100, 40, 0);
      if (box !== null) taken.push(box);
      sides.push(box === null ? "nowhere" : box.left > 100 ? "right" : box.left < 60 ? "left" : box.top < 100 ? "above" : "below");
    }
    expect(sides).toEqual(["right", "left", "above", "below", "nowhere"]);
  });
});
