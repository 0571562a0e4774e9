// The address of this page: which shipment, or what was looked for; and ways to it from the map. Pure.

export interface Place {
  readonly shipment: string | null;
  readonly query: string;
}

export function placeOf(hash: string): Place {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  return { shipment: parts.get("shipment"), query: parts.get("q") ?? "" };
}

export function hashOf({ shipment, query }: Place): string {
  const parts = new URLSearchParams();
  if (query !== "") parts.set("q", query);
  if (shipment !== null) parts.set("shipment", shipment);
  return `#${parts}`;
}

/** Kinds of subjects that shipments are looked for by; whatever comes from AIS is a vessel. */
const SEARCHED: ReadonlySet<string> = new Set(["mmsi", "container", "seal", "acid"]);

/** Where the shipments of a subject of the map are shown; null where it has none. */
export function shipmentsOf(subject: string): string | null {
  const [kind, number] = [subject.slice(0, subject.indexOf(":")), subject.slice(subject.indexOf(":") + 1)];
  if (kind === "shipment") return `shipments.html${hashOf({ shipment: number, query: "" })}`;
  return SEARCHED.has(kind) ? `shipments.html${hashOf({ shipment: null, query: number })}` : null;
}

export const onMap = (subject: string): string => `./#vessel=${encodeURIComponent(subject)}`;
