import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

const STYLE = readFileSync(join(import.meta.dirname, "../src/style.css"), "utf8");
const AA = 4.5;
const TEXTS = ["text", "dim", "accent", "good", "warn", "bad", "CRITICAL", "MAJOR", "MINOR", "WARNING", "INDETERMINATE"];

function coloursOf(selector: string): Record<string, string> {
  const start = STYLE.indexOf(`${selector} {`);
  const block = STYLE.slice(start, STYLE.indexOf("}", start));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((match) => [match[1]!, match[2]!]));
}

/** As WCAG 2.2 defines it. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright! + 0.05) / (dark! + 0.05);
}

describe.each([":root", ':root[data-theme="light"]'])("%s", (selector) => {
  const colours = coloursOf(selector);
  it.each(["bg", "panel", "raised"])("text of every colour is readable on %s (WCAG AA)", (ground) => {
    for (const name of TEXTS) expect(contrast(colours[name]!, colours[ground]!), name).toBeGreaterThanOrEqual(AA);
  });
  it("and so is what stands on a badge, a lamp or the chief button", () => {
    for (const name of TEXTS.slice(3)) expect(contrast(colours["ink"]!, colours[name]!), name).toBeGreaterThanOrEqual(AA);
    expect(contrast(colours["on-accent"]!, colours["accent"]!)).toBeGreaterThanOrEqual(AA);
  });
});
