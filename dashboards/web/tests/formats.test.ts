import { describe, expect, it } from "vitest";

import { bearing, decimal, minutes, pointing, wrapped } from "../src/geo";
import { chosen, withSelection } from "../src/location";
import { mmsi, shipKind } from "../src/ships";
import { brief, plain } from "../src/text";
import { ageBand, duration, LocalClock, referenceTime, utc } from "../src/time";

const unit = (of: string): string => ` ${of}`;

describe("positions", () => {
  it("are written in degrees and in decimal minutes", () => {
    expect(decimal(35.1054, 129.04)).toBe("35.10540, 129.04000");
    expect(minutes(35.1054, 129.04)).toBe("35°06.324′N 129°02.400′E");
    expect(minutes(-0.5, -179.99999)).toBe("00°30.000′S 179°59.999′W");
  });

  it("carry minutes into degrees instead of saying 60", () => {
    expect(minutes(34.9999999, 0)).toBe("35°00.000′N 000°00.000′E");
  });

  it("stay in one turn of the world", () => {
    expect(wrapped(181)).toBe(-179);
    expect(wrapped(-540)).toBe(-180);
  });

  it("round a bearing of almost 360 to 000", () => {
    expect(bearing(359.7)).toBe("000°");
    expect(bearing(null)).toBeNull();
  });
});

describe("an arrow", () => {
  const vessel = { speed_kn: 9, course_deg: 80, heading_deg: 90 };
  it("points along the heading, else the course; a stopped vessel has none", () => {
    expect(pointing(vessel)).toBe(90);
    expect(pointing({ ...vessel, heading_deg: null })).toBe(80);
    expect(pointing({ ...vessel, speed_kn: 0.1 })).toBeNull();
    expect(pointing({ speed_kn: null, course_deg: null, heading_deg: null })).toBeNull();
  });
});

describe("times", () => {
  it("have two numbers at most", () => {
    expect(duration(45, unit)).toBe("45 s");
    expect(duration(725, unit)).toBe("12 min");
    expect(duration(3 * 3600 + 300, unit)).toBe("3 h 05 min");
    expect(duration(100_000, unit)).toBe("1 d 3 h");
    expect(duration(2 * 86_400 + 9, unit)).toBe("2 d");
    expect(duration(-3, unit)).toBe("0 s");
  });

  it("leave out today's date", () => {
    const at = new Date("2026-01-02T03:04:05.6Z");
    expect(utc(at)).toBe("2026-01-02 03:04:05Z");
    expect(utc(at, new Date("2026-01-02T23:00:00Z"))).toBe("03:04:05Z");
  });

  it("are told in the site's zone, and an unknown zone is UTC", () => {
    const at = new Date("2026-01-02T15:04:05Z");
    expect(new LocalClock("Asia/Seoul", "en").time(at)).toBe("00:04:05");
    expect(new LocalClock("Asia/Seoul", "en").dateTime(at, at)).toBe("00:04 GMT+9");
    expect(new LocalClock("Asia/Seoul", "en").dateTime(at, new Date("2026-01-02T14:00:00Z"))).toBe("Jan 3, 2026 00:04 GMT+9");
    expect(new LocalClock("Nowhere/Else", "ar").isUtc).toBe(true);
  });

  it("MAP-2: keep a ship at anchor, heard every 3 minutes, fresh", () => {
    expect([180, 400].map(ageBand)).toEqual([0, 0]);
    expect([600, 1800, 7200].map(ageBand)).toEqual([1, 2, 3]);
  });

  it("count from the end of a recording, but from now while data are merely late", () => {
    const now = Date.parse("2026-01-02T00:00:00Z");
    expect(referenceTime(now, now - 3_600_000)).toBe(now);
    expect(referenceTime(now, now - 90_000_000)).toBe(now - 90_000_000);
    expect(referenceTime(now, 0)).toBe(now);
  });
});

describe("names", () => {
  it("lose what would turn or break the line, and nothing that a script needs", () => {
    expect(plain("EVIL\u202egnp.exe\u0000\n")).toBe("EVILgnp.exe");
    expect(plain("می\u200cشود")).toBe("می\u200cشود");
    expect(plain("<img src=x onerror=alert(1)>")).toBe("<img src=x onerror=alert(1)>");
  });

  it("are cut by whole signs", () => {
    expect([...brief("😀".repeat(100))]).toHaveLength(22);
    expect([...plain("x".repeat(1_000_000))]).toHaveLength(64);
  });
});

describe("ships", () => {
  it("are what their type says", () => {
    expect([70, 89, 30, 52, 0, null].map(shipKind)).toEqual(["cargo", "tanker", "fishing", "tug", "unknown", "unknown"]);
    expect(mmsi("mmsi:440000001")).toBe("440000001");
  });
});

describe("the address", () => {
  it("keeps the selection beside the view", () => {
    const hash = withSelection("#map=9/35/129&alarm=00ff", { kind: "vessel", subject: "mmsi:440000001" });
    expect(hash).toBe("#map=9/35/129&vessel=mmsi:440000001");
    expect(chosen(hash)).toEqual({ vessel: "mmsi:440000001" });
    expect(chosen(withSelection(hash, null))).toBeNull();
  });
});
