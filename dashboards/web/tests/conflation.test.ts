import { describe, expect, it } from "vitest";

import { Conflator } from "../src/conflation";
import { HANG_UP_AFTER_MS, isOtherStore, judge, STALE_AFTER_MS } from "../src/stream";

/** Frames and a clock that tests move. */
function rig() {
  const frames: (() => void)[] = [];
  const clock = { ms: 0 };
  const frame = async (): Promise<void> => {
    for (const run of frames.splice(0)) run();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { clock, frame, schedule: (run: () => void) => void frames.push(run), now: () => clock.ms };
}

describe("conflation", () => {
  it("hands on the newest of many changes once a frame", async () => {
    const { frame, schedule, now } = rig();
    const taken: string[][] = [];
    const conflator = new Conflator<string>((keys) => void taken.push([...keys]), schedule, 0, now);
    conflator.add(["a", "b"]);
    conflator.add(["a"]);
    await frame();
    expect(taken).toEqual([["a", "b"]]);
  });

  it("waits for the interval and for a taker that is still busy", async () => {
    const { clock, frame, schedule, now } = rig();
    const taken: string[][] = [];
    let finish = (): void => undefined;
    const conflator = new Conflator<string>((keys) => {
      taken.push([...keys]);
      return new Promise<void>((resolve) => (finish = resolve));
    }, schedule, 200, now);
    conflator.add(["a"]);
    await frame();
    conflator.add(["b"]);
    clock.ms = 50;
    await frame();
    expect(taken).toEqual([["a"]]);
    finish();
    await frame();
    clock.ms = 199;
    await frame();
    expect(conflator.size).toBe(1);
    clock.ms = 200;
    await frame();
    expect(taken).toEqual([["a"], ["b"]]);
  });
});

describe("a slow taker", () => {
  it("is left alone for as long as it worked", async () => {
    const { clock, frame, schedule, now } = rig();
    let finish = (): void => undefined;
    const conflator = new Conflator<string>(() => new Promise<void>((resolve) => (finish = resolve)), schedule, 200, now);
    conflator.add(["a"]);
    await frame();
    clock.ms = 400;
    finish();
    conflator.add(["b"]);
    await frame();
    clock.ms = 799;
    await frame();
    expect(conflator.size).toBe(1);
    clock.ms = 800;
    await frame();
    expect(conflator.size).toBe(0);
  });
});

describe("the connection", () => {
  it("is live only while something is heard", () => {
    expect(judge(true, 0)).toBe("live");
    expect(judge(true, STALE_AFTER_MS + 1)).toBe("stale");
    expect(judge(false, 0)).toBe("reconnecting");
    expect(HANG_UP_AFTER_MS).toBeGreaterThan(STALE_AFTER_MS);
  });

  it("notices another store by a log that is behind", () => {
    expect(isOtherStore(100, 99)).toBe(true);
    expect(isOtherStore(100, 100)).toBe(false);
  });
});
