import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import ar from "../src/words/ar.json";
import en from "../src/words/en.json";
import ko from "../src/words/ko.json";
import cargoAr from "../src/words/shipments/ar.json";
import cargoEn from "../src/words/shipments/en.json";
import cargoKo from "../src/words/shipments/ko.json";

const SOURCES = join(import.meta.dirname, "../src");
const blanks = (words: string): string[] => [...words.matchAll(/\{\w+\}/g)].map(String).sort();

const TRANSLATED = [
  ["ko", ko, en], ["ar", ar, en], ["ko of shipments", cargoKo, cargoEn], ["ar of shipments", cargoAr, cargoEn],
] as const;

describe.each(TRANSLATED)("%s", (_, words: Record<string, string>, english: Record<string, string>) => {
  it("says everything that English says, with the same blanks", () => {
    expect(Object.keys(words).sort()).toEqual(Object.keys(english).sort());
    for (const [key, said] of Object.entries(english)) {
      const translated = words[key]!;
      expect(translated.trim(), key).not.toBe("");
      expect(blanks(translated), key).toEqual(blanks(said));
    }
  });
});

describe("the sources", () => {
  const files = readdirSync(SOURCES, { recursive: true }).map(String).filter((name) => name.endsWith(".ts"));

  it.each(files)("%s puts no text into markup", (name) => {
    const code = readFileSync(join(SOURCES, name), "utf8");
    expect(code).not.toMatch(/innerHTML|outerHTML|setHTML|insertAdjacentHTML|document\.write|srcdoc|DOMParser/);
    expect(code).not.toMatch(/\beval\(|new Function/);
  });

  it("name only keys that exist", () => {
    const code = files.map((name) => readFileSync(join(SOURCES, name), "utf8")).join("\n");
    const used = (speaker: string): string[] =>
      [...code.matchAll(new RegExp(`\\b${speaker}\\("([\\w.]+)"`, "g"))].map((match) => match[1]!);
    expect(used("t").filter((key) => !(key in en))).toEqual([]);
    expect(used("c").filter((key) => !(key in cargoEn))).toEqual([]);
  });

  it("ask nobody but the own origin", () => {
    const code = files.map((name) => readFileSync(join(SOURCES, name), "utf8")).join("\n");
    expect([...code.matchAll(/https?:\/\/[^"'\s]+/g)].map(String)).toEqual(["http://www.w3.org/2000/svg"]);
  });
});
