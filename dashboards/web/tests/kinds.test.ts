import { describe, expect, it } from "vitest";

import { measure } from "../src/details";
import { drawn, isGone, isMerged, labelOf } from "../src/features";
import { headline, sentence } from "../src/headlines";
import { kindOf } from "../src/kinds";
import { World } from "../src/state";
import type { Equipment, Vessel } from "../src/types";
import { directionOf, speak, type Words } from "../src/words";

const english = (text: string): Words => ({ en: text, ko: text, ar: text });

const NOON = "2026-01-01T12:00:00Z";
const NOON_MS = Date.parse(NOON);

const shown = (equipment: Partial<Equipment>): Equipment => ({
  state: null, battery_percent: null, altitude_m: null, outline: [], is_over: false, ...equipment,
});

const subject = (name: string, stated: Partial<Vessel> = {}): Vessel => ({
  position: 1, subject: name, site: "busan", at: NOON, lat: 35, lon: 129, speed_kn: null,
  course_deg: null, heading_deg: null, name: null, ship_type: null, length_m: null, ...stated,
});

describe("what a subject is", () => {
  it.each([
    ["mmsi:440000001", "vessel"], ["drone:kite-1", "drone"], ["camera:quay-1", "camera"],
    ["seal:KR-0001", "seal"], ["object:quay-1.17", "object"], ["truck:80a1234", "truck"],
    ["acid:4988470982026030017", "shipment"], ["shipment:S-1", "shipment"],
    ["sar:111000001", "vessel"],
  ])("%s is a %s", (name, kind) => expect(kindOf(name)).toBe(kind));

  it("is called by its name without the word for what it is", () => {
    expect(labelOf(subject("seal:KR-0001"))).toBe("KR-0001");
    expect(labelOf(subject("object:quay-1.5cf9a54f-12"))).toBe("quay-1 #12");
  });
});

describe("what is drawn", () => {
  it("turns a drone that hovers, but no ship that lies still", () => {
    const still = { speed_kn: 0, heading_deg: 90 };
    const world = new World();
    expect(drawn(world, subject("drone:kite-1", still), NOON_MS).direction).toBe(90);
    expect(drawn(world, subject("mmsi:440000001", still), NOON_MS).direction).toBeNull();
  });

  it("gives a camera the outline of what it sees", () => {
    const ring = [[129, 35], [129.1, 35], [129.1, 35.1]] as const;
    const camera = drawn(new World(), subject("camera:quay-1", { equipment: shown({ outline: ring }) }), NOON_MS);
    expect(camera.outline).toHaveLength(3);
  });

  it("lets an object go when its camera has lost it, or has said nothing of it for two minutes", () => {
    const world = new World();
    const lost = subject("object:quay-1.17", { equipment: shown({ is_over: true }) });
    expect(isGone(world, lost, NOON_MS)).toBe(true);
    expect(isGone(world, subject("object:quay-1.17"), NOON_MS + 119_000)).toBe(false);
    expect(isGone(world, subject("object:quay-1.17"), NOON_MS + 121_000)).toBe(true);
    expect(isGone(world, subject("mmsi:440000001"), NOON_MS + 121_000)).toBe(false);
  });
});

describe("what cameras see", () => {
  const ship = subject("mmsi:440000001", { name: "SEA OTTER" });
  const [west, east, eel] = ["object:west.7", "object:east.2", "object:east.3"];
  const world = new World();
  world.takeVessels([ship, subject(west), subject(east), subject(eel)]);
  const sightings = [
    { object: west, target: ship.subject, is_dark: false },
    { object: east, target: ship.subject, is_dark: false },
    { object: eel, target: eel, is_dark: true },
  ];

  it("has one sign for one target, which says who sees it", () => {
    expect(world.takeSightings(sightings)).toEqual([west, ship.subject, east, eel]);
    expect([west, east, eel, ship.subject].map((each) => isMerged(world, each))).toEqual([true, true, false, false]);
    expect(world.seenBy(ship.subject)).toEqual(["east", "west"]);
    expect(world.seenBy(eel)).toEqual([]);
  });

  it("hides nothing that has an open alarm", () => {
    world.worst.set(west, "MAJOR");
    expect(isMerged(world, west)).toBe(false);
    world.worst.delete(west);
  });

  it("says of a boat that no transponder explains it", () => {
    expect(drawn(world, subject(eel), NOON_MS).label).toBe("east.3 · no AIS");
    expect(drawn(world, subject(west), NOON_MS).label).toBe("west.7");
  });

  it("draws anew only those of whom something else is said, and all apart without an answer", () => {
    expect(world.takeSightings(sightings)).toEqual([]);
    expect(world.takeSightings([])).toEqual([west, ship.subject, east, eel]);
    expect(isMerged(world, west)).toBe(false);
  });
});

describe("an alarm", () => {
  it("is headed by what happened, with its rule where that alone says too little", () => {
    expect(headline({ rule: "geofence", kind: "enter" })).toBe("Zone · entered");
    expect(headline({ rule: "drone_link", kind: "drone_link_lost" })).toBe("Drone not heard");
    expect(headline({ rule: "drift", kind: "drift" })).toBe("Drifting");
    expect(headline({ rule: "house_rule", kind: "of_ours" })).toBe("Of ours");
  });

  it("shows its values with their names and units", () => {
    const shown = Object.entries({ limit_kn: 12, wind_margin_m_s: 5, lowest_c: -30.5, jumps: 3, of_ours_m: 1, event: "door" })
      .map(([name, value]) => measure(name, value));
    expect(shown).toEqual([
      ["limit", "12 kn"], ["wind margin", "5 m/s"], ["lowest", "-30.5 °C"], ["jumps", "3"], ["of ours", "1 m"], ["event", "door"],
    ]);
  });

  it("tells of its subject by the name that people know, whatever signs are in it", () => {
    const told = { subject: "mmsi:440000001", subject_name: "$& \u202eX", words: english("mmsi:440000001  stopped\u202e") };
    expect(sentence(told)).toBe("\u2068$& X\u2069 stopped");
  });

  it("is told in the language of the page, and keeps what isolates names in it", () => {
    speak("ar");
    const words = { ...english("left"), ar: "\u2068mmsi:440000001\u2069: \u202eخروج" };
    expect(sentence({ subject: "mmsi:440000001", subject_name: null, words })).toBe("\u2068\u2068440000001\u2069\u2069: خروج");
    expect([directionOf(words), directionOf(english("left"))]).toEqual(["rtl", "ltr"]);
    speak("en");
  });
});
