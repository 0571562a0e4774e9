import { describe, expect, it } from "vitest";

import type { Connection } from "../src/stream";
import type { Health } from "../src/types";
import { Vitals } from "../src/vitals";

const WELL: Health = { state: "ok", reasons: [], watermark: null, now: "2026-01-01T12:00:00Z" };
const LATER: Health = { ...WELL, now: "2026-01-01T12:05:00Z" };

describe("the platform's health", () => {
  it.each<Connection>(["stale", "reconnecting"])("is unknown since its last word while the stream is %s", (state) => {
    const vitals = new Vitals();
    vitals.take(WELL);
    expect([vitals.known, vitals.unknownSince]).toEqual([WELL, null]);
    vitals.connection(state);
    expect([vitals.known, vitals.unknownSince]).toEqual([null, WELL.now]);
  });

  it("is known again by its next word, not by the connection alone", () => {
    const vitals = new Vitals();
    vitals.take(WELL);
    vitals.connection("reconnecting");
    vitals.connection("live");
    expect([vitals.known, vitals.unknownSince]).toEqual([null, WELL.now]);
    vitals.take(LATER);
    expect([vitals.known, vitals.unknownSince]).toEqual([LATER, null]);
  });

  it("is nothing before its first word", () => {
    const vitals = new Vitals();
    vitals.connection("reconnecting");
    expect([vitals.known, vitals.unknownSince]).toEqual([null, null]);
  });
});
