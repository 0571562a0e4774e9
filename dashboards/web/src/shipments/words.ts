// The words of this page alone: the map's page does not carry them.

import { currentLanguage, speaker } from "../words";
import ar from "../words/shipments/ar.json";
import en from "../words/shipments/en.json";
import ko from "../words/shipments/ko.json";
import type { Said } from "./types";

export type CargoKey = keyof typeof en;

export const c = speaker<CargoKey>({ en, ko, ar });

/** The words of a prefix and what the server says, or what it says itself. */
export function called(prefix: string, value: string): string {
  const key = `${prefix}.${value}`;
  return key in en ? c(key as CargoKey) : value.replaceAll("_", " ");
}

/** What the server says in every language, in ours. */
export const said = (words: Said): string => words[currentLanguage()];
