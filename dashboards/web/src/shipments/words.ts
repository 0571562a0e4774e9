// The words of this page alone: the map's page does not carry them.

import { speaker } from "../words";
import ar from "../words/shipments/ar.json";
import en from "../words/shipments/en.json";
import ko from "../words/shipments/ko.json";

export type CargoKey = keyof typeof en;

export const c = speaker<CargoKey>({ en, ko, ar });

/** The words of a prefix and what the server says, or what it says itself. */
export function called(prefix: string, value: string): string {
  const key = `${prefix}.${value}`;
  return key in en ? c(key as CargoKey) : value.replaceAll("_", " ");
}
