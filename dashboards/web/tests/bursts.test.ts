import { describe, expect, it } from "vitest";

import { type Burst, Ear, folded } from "../src/bursts";
import { listed } from "../src/state";
import type { Alarm } from "../src/types";

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 12) + seconds * 1000).toISOString();

function alarm(id: string, seconds: number, change: Partial<Alarm> = {}): Alarm {
  return {
    id, site: "busan", rule: "silence", subject: `mmsi:${id}`, zone: null, kind: "silence",
    severity: "WARNING", text: "", words: { en: "", ko: "", ar: "" }, status: "ACTIVE_UNACK", is_open: true, active: true,
    acknowledged: false, since: at(seconds - 600), until: null, raised_at: at(seconds), updated_at: at(seconds),
    findings: [id], fired: 1, acknowledged_at: null, acknowledged_by: null, cleared_at: null, cleared_by: null,
    shelved_until: null, shelved_by: null, assignee: null, lat: null, lon: null, subject_name: null,
    retracted: false, ...change,
  };
}

const silences = (count: number, seconds = 0): Alarm[] =>
  Array.from({ length: count }, (_, n) => alarm(`${seconds}-${String(n).padStart(4, "0")}`, seconds + n / 100));

const shown = (alarms: Alarm[]): string[] =>
  folded(listed(alarms, { shelf: "open", hidden: new Set(), unacknowledged: false, text: "" }))
    .map((entry) => ("alarms" in entry ? `${(entry as Burst).alarms.length}` : entry.id));

describe("alarms that began together", () => {
  it("are one line, and hide nobody else", () => {
    const seal = alarm("seal", 3, { rule: "seal", kind: "broken", severity: "CRITICAL", active: false, status: "CLEARED_UNACK" });
    const drift = alarm("drift", -60, { rule: "drift", kind: "drift" });
    expect(shown([...silences(500), seal, drift])).toEqual(["500", "drift", "seal"]);
  });

  it("are lines of their own where they are few", () => {
    expect(shown(silences(4))).toHaveLength(4);
  });

  it("are two bursts with a pause between them, and two with different urgency", () => {
    expect(shown([...silences(6), ...silences(7, 200)])).toEqual(["7", "6"]);
    const urgent = silences(5).map((each) => ({ ...each, id: `u${each.id}`, severity: "MAJOR" as const }));
    expect(shown([...silences(6), ...urgent])).toEqual(["5", "6"]);
  });

  it("keep their name when more join", () => {
    const [before] = folded(silences(5));
    const [after] = folded(silences(60));
    expect((after as Burst).id).toBe((before as Burst).id);
  });
});

describe("a storm", () => {
  it("sounds once, except for what is more urgent", () => {
    const ear = new Ear();
    const heard = [0, 100, 200, 300, 4_900].map((ms) => ear.hears("WARNING", ms));
    expect(heard).toEqual([true, false, false, false, false]);
    expect(ear.hears("CRITICAL", 4_950)).toBe(true);
    expect(ear.hears("CRITICAL", 5_000)).toBe(false);
    expect(ear.hears("WARNING", 9_000)).toBe(false);
    expect(ear.hears("WARNING", 9_951)).toBe(true);
  });
});
