import { describe, expect, it } from "vitest";

import { areas, busiest } from "../src/areas";
import { drawn, trackFeatures } from "../src/features";
import { type Filter, listed, World } from "../src/state";
import type { Alarm, Severity, Vessel, Zones } from "../src/types";

const NOON = "2026-01-01T12:00:00Z";

function vessel(change: Partial<Vessel> = {}): Vessel {
  return {
    position: 1, subject: "mmsi:440000001", site: "busan", at: NOON, lat: 35, lon: 129, speed_kn: 9,
    course_deg: 80, heading_deg: null, name: "HAECHI", ship_type: 70, length_m: 90, ...change,
  };
}

function alarm(change: Partial<Alarm> = {}): Alarm {
  return {
    id: "a", site: "busan", rule: "drift", subject: "mmsi:440000001", zone: null, kind: "drift",
    severity: "MAJOR", text: "drifts", words: { en: "drifts", ko: "표류", ar: "انجراف" }, status: "ACTIVE_UNACK", is_open: true, active: true,
    acknowledged: false, since: NOON, until: null, raised_at: NOON, updated_at: NOON, findings: ["a"],
    fired: 1, acknowledged_at: null, acknowledged_by: null, cleared_at: null, cleared_by: null,
    shelved_until: null, shelved_by: null, assignee: null, lat: null, lon: null, subject_name: null,
    retracted: false, ...change,
  };
}

const OPEN: Filter = { shelf: "open", hidden: new Set<Severity>(), unacknowledged: false, text: "" };

describe("vessels", () => {
  it("are not moved back by what comes late", () => {
    const world = new World();
    world.takeVessels([vessel({ position: 5, lon: 129.5 })]);
    expect(world.takeVessels([vessel({ position: 4, lon: 128 })])).toEqual([]);
    expect(world.vessels.get("mmsi:440000001")?.lon).toBe(129.5);
  });

  it("leave a tail of the last minutes, in order of time", () => {
    const world = new World();
    for (const minute of [0, 1, 2, 1, 30]) {
      const at = `2026-01-01T12:${String(minute).padStart(2, "0")}:00Z`;
      world.takeVessels([vessel({ position: minute + 1, at, lon: 129 + minute / 100 })]);
    }
    expect(world.tails.get("mmsi:440000001")).toEqual([[129.3, 35, Date.parse("2026-01-01T12:30:00Z")]]);
  });

  it("are drawn by their worst alarm, and as lost after an hour", () => {
    const world = new World();
    world.takeVessels([vessel()]);
    world.takeAlarms([alarm({ id: "b", severity: "WARNING" }), alarm()]);
    const lost = drawn(world, vessel(), Date.parse(NOON) + 7_200_000);
    expect(lost).toMatchObject({ direction: 80, level: 2, age: 3, label: "HAECHI" });
  });
});

describe("a shipment", () => {
  const held = { subject: "acid:4988470982026030017", lat: 31.4, lon: 32.3 };

  it("stands where its vessel was while something is held against it", () => {
    const world = new World();
    world.takeAlarms([alarm(held)]);
    const shown = drawn(world, world.vessels.get(held.subject)!, Date.parse(NOON) + 7_200_000);
    expect(shown).toMatchObject({ kind: "shipment", level: 2, age: 0, label: "4988470982026030017" });
    world.takeAlarms([alarm({ ...held, is_open: false })]);
    expect(world.vessels.has(held.subject)).toBe(false);
  });

  it("has no place on the map where nobody knows where its vessel is", () => {
    const world = new World();
    world.takeAlarms([alarm({ ...held, lat: null, lon: null })]);
    expect(world.vessels.size).toBe(0);
  });
});

describe("alarms", () => {
  it("are listed active first, then by severity, then the newest", () => {
    const alarms = [
      alarm({ id: "old", since: "2026-01-01T11:00:00Z" }), alarm({ id: "over", severity: "CRITICAL", active: false }),
      alarm({ id: "worst", severity: "CRITICAL" }), alarm({ id: "new", since: "2026-01-01T12:00:00.5Z" }), alarm({ id: "even" }),
    ];
    expect(listed(alarms, OPEN).map(({ id }) => id)).toEqual(["worst", "new", "even", "old", "over"]);
  });

  it("call once: when they are new, begin again, or come off the shelf unseen", () => {
    const world = new World();
    const fired = (change: Partial<Alarm>): number => world.takeAlarms([alarm(change)]).fired.length;
    expect(fired({})).toBe(1);
    expect(fired({})).toBe(0);
    expect(fired({ fired: 2 })).toBe(1);
    expect(fired({ fired: 2, acknowledged: true, status: "ACTIVE_ACK" })).toBe(0);
    expect(fired({ fired: 2, shelved_until: NOON })).toBe(0);
    expect(fired({ fired: 2 })).toBe(1);
  });

  it("are not undone by an older telling", () => {
    const world = new World();
    world.takeAlarms([alarm({ updated_at: "2026-01-01T12:00:00.5Z", acknowledged: true })]);
    world.takeAlarms([alarm({ updated_at: NOON })]);
    expect(world.alarms.get("a")?.acknowledged).toBe(true);
  });

  it("stay on their shelf, and are found by text", () => {
    const alarms = [alarm(), alarm({ id: "s", shelved_until: NOON }), alarm({ id: "c", is_open: false })];
    expect(listed(alarms, { ...OPEN, shelf: "shelved" }).map(({ id }) => id)).toEqual(["s"]);
    expect(listed(alarms, { ...OPEN, shelf: "closed" }).map(({ id }) => id)).toEqual(["c"]);
    expect(listed(alarms, { ...OPEN, text: "440000001" })).toHaveLength(1);
    expect(listed(alarms, { ...OPEN, text: "nobody" })).toHaveLength(0);
  });

  it("that are closed are forgotten beyond a number, the open ones never", () => {
    const world = new World();
    world.takeAlarms(Array.from({ length: 500 }, (_, n) => alarm({ id: `c${n}`, is_open: false })));
    world.takeAlarms([alarm()]);
    expect(world.alarms.size).toBe(201);
  });
});

describe("areas", () => {
  const square = (lon: number): Zones["features"][number] => ({
    type: "Feature",
    properties: { name: "z", kind: "port", severity: "MINOR" },
    geometry: { type: "Polygon", coordinates: [[[lon, 35], [lon + 0.1, 35], [lon + 0.1, 35.1], [lon, 35]]] },
  });

  it("hold zones that lie together, and the busiest is looked at first", () => {
    const found = areas({ type: "FeatureCollection", features: [square(32), square(129), square(129.3)] });
    expect(found).toHaveLength(2);
    expect(busiest(found, [vessel()])?.east).toBeCloseTo(129.4);
    expect(busiest([], [vessel()])).toBeNull();
  });
});

describe("a track", () => {
  it("marks about a dozen points with the time", () => {
    const points = Array.from({ length: 100 }, (_, n) => [129 + n / 100, 35, NOON, 9] as const);
    const features = trackFeatures(points, () => "12:00").features;
    expect(features).toHaveLength(101);
    expect(features.filter((feature) => feature.properties?.["marked"])).toHaveLength(12);
  });
});
