import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { hashOf, onMap, placeOf, shipmentsOf } from "../src/shipments/address";
import { Following } from "../src/shipments/following";
import { milestones } from "../src/shipments/milestones";
import { tally } from "../src/shipments/report";
import type { Import, ShipmentView, Voyage } from "../src/shipments/types";
import { lightOf, standing, worst } from "../src/shipments/urgency";

describe("a light", () => {
  const due = "2026-03-10T00:00:00Z";
  const at = (text: string): number => Date.parse(text);

  it("is amber when less than a day is left, and red from the moment after it is due", () => {
    expect(lightOf({ due, done: null }, at("2026-03-09T00:00:00Z"))).toBe("green");
    expect(lightOf({ due, done: null }, at("2026-03-09T00:00:01Z"))).toBe("amber");
    expect(lightOf({ due, done: null }, at(due))).toBe("amber");
    expect(lightOf({ due, done: null }, at("2026-03-10T00:00:01Z"))).toBe("red");
  });

  it("stays as it was when the thing was done", () => {
    expect(lightOf({ due, done: due }, at("2027-01-01T00:00:00Z"))).toBe("done");
    expect(lightOf({ due, done: "2026-03-10T00:00:01Z" }, 0)).toBe("red");
  });

  it("of what was found is that of the worst, without what was taken back", () => {
    const check = (...said: readonly [string, string][]): never =>
      ({ reasons: [], findings: said.map(([severity, status]) => ({ severity, status })) }) as never;
    expect(worst(check(["MINOR", "open"], ["CRITICAL", "retracted"], ["MAJOR", "ended"]))).toBe("MAJOR");
    expect([standing("MAJOR"), standing("WARNING"), standing(worst(check()))]).toEqual(["red", "amber", "green"]);
  });
});

describe("the address", () => {
  it("names a shipment or what is looked for, whatever signs are in it", () => {
    const place = { shipment: null, query: "a&b=#é" };
    expect(placeOf(hashOf(place))).toEqual(place);
    expect(placeOf(hashOf({ shipment: "S-1", query: "" }))).toEqual({ shipment: "S-1", query: "" });
  });

  it("leads from the map to shipments where there can be any, and back", () => {
    expect(shipmentsOf("mmsi:440123001")).toBe("shipments.html#q=440123001");
    expect(shipmentsOf("seal:EG-000101")).toBe("shipments.html#q=EG-000101");
    expect(shipmentsOf("shipment:S-1")).toBe("shipments.html#shipment=S-1");
    expect(shipmentsOf("drone:d-1")).toBeNull();
    expect(onMap("mmsi:440123001")).toBe("./#vessel=mmsi%3A440123001");
  });
});

describe("milestones", () => {
  const view = (shipment: object): ShipmentView =>
    ({ revision: 1, expires_at: null, deadlines: [], shipment: { reference: "S-1", importer: {}, exporter: {}, ...shipment } }) as never;

  it("hold what was planned against what happened, in the order of time", () => {
    const found = milestones(view({
      issued_at: "2026-03-01T00:00:00Z",
      transport: { load_port: "KRPUS", etd: "2026-03-10T00:00:00Z", discharge_port: "EGALY", eta: "2026-04-01T00:00:00Z" },
      departed: { at: "2026-03-10T01:00:00Z", source: "ais" },
    }), null);
    expect(found.map(({ what, place, by }) => [what, place, by])).toEqual(
      [["issued", "", "customs"], ["departure", "KRPUS", "ais"], ["arrival", "EGALY", null]]);
    expect(found[1]!.observed).toBe("2026-03-10T01:00:00Z");
  });

  it("take ports from the voyage and tell each of them once", () => {
    const voyage: Voyage = { vessel: {}, number: "1", calls: [
      { port: "KRPUS", planned_departure: "2026-03-10T00:00:00Z" },
      { port: "EGALY", planned_arrival: "2026-04-01T00:00:00Z", arrival: "2026-04-02T00:00:00Z" },
    ] };
    const journey = { load_port: "KRPUS", etd: "2026-03-10T00:00:00Z", discharge_port: "EGALY", eta: "2026-04-01T00:00:00Z" };
    const found = milestones(view({ transport: journey }), voyage);
    expect(found.map(({ what, place }) => `${what} ${place}`)).toEqual(["departure KRPUS", "arrival EGALY"]);
  });
});

describe("a report", () => {
  it("counts what wants a person first, and bills of which nothing was to be made by what was wrong", () => {
    const done = { containers: 1200, problems: [{}], unlisted_problems: 4, voyages: [{ vessel: "", number: "", outcome: "created" }] };
    const bills = [{ bill: "1", outcome: "linked" }, { bill: "2", outcome: "left" }, { bill: "3", faults: ["?"] }, { bill: "4" }];
    expect(tally({ ...done, bills } as never as Import)).toEqual(
      ["left out 1", "not confirmed 1", "confirmed 1", "created 1", "completed 1", "1,200 containers", "5 problems"]);
  });
});

describe("following", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("tells only what differs, says when it fails, and begins anew after that", async () => {
    const answers: (object | Error)[] = [{ n: 1, left_s: 9 }, { n: 1, left_s: 8 }, new Error("gone"), { n: 1, left_s: 7 }];
    const heard: unknown[] = [];
    const following = new Following<object>(() => {
      const next = answers.shift() ?? { n: 2 };
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    }, { answer: (value) => heard.push(value), failed: (error) => heard.push(String(error)) });
    await vi.advanceTimersByTimeAsync(3000);
    expect(heard).toEqual([{ n: 1, left_s: 9 }, "Error: gone", { n: 1, left_s: 7 }]);
    following.end();
    await vi.advanceTimersByTimeAsync(3000);
    expect(heard).toHaveLength(3);
  });

  it("asks again when told to in the middle of a question, never twice at once", async () => {
    let [asked, atOnce, most] = [0, 0, 0];
    const following = new Following(async () => {
      asked += 1;
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setTimeout(resolve, 100));
      atOnce -= 1;
      return asked;
    }, { answer: () => undefined, failed: () => undefined });
    void following.look();
    void following.look();
    await vi.advanceTimersByTimeAsync(300);
    following.end();
    expect([asked, most]).toEqual([2, 1]);
  });
});
