// What a vessel is, from the ship type of ITU-R M.1371 (table 53).

const SPECIAL: Readonly<Record<number, string>> = {
  30: "fishing", 31: "towing", 32: "towing", 33: "dredging", 34: "diving", 35: "military",
  36: "sailing", 37: "pleasure", 50: "pilot", 51: "rescue", 52: "tug", 53: "port_tender",
  54: "antipollution", 55: "law", 58: "medical", 59: "noncombatant",
};

const TENS: Readonly<Record<number, string>> = {
  2: "wing_in_ground", 4: "high_speed", 6: "passenger", 7: "cargo", 8: "tanker", 9: "other",
};

/** The word key of a ship type; `unknown` where it is not stated or reserved. */
export function shipKind(type: number | null | undefined): string {
  if (type === null || type === undefined) return "unknown";
  return SPECIAL[type] ?? TENS[Math.floor(type / 10)] ?? "unknown";
}

/** `219000001` of `mmsi:219000001`: a subject without the word for what it is. */
export const mmsi = (subject: string): string => subject.replace(/^[a-z]+:/, "");
