// What a subject is, by the first part of its name: the platform's own words, docs/architecture.md.

export const KINDS = ["vessel", "drone", "camera", "seal", "object", "unit", "truck", "container", "shipment"] as const;
export type Kind = (typeof KINDS)[number];

/** Besides vessels, those with a front: their picture is turned. */
const TURNED: ReadonlySet<Kind> = new Set(["drone", "camera", "truck"]);

/** Whatever has another name comes from AIS; a shipment with an ACID goes by that. */
export function kindOf(subject: string): Kind {
  const said = subject.slice(0, subject.indexOf(":"));
  if (said === "acid") return "shipment";
  return (KINDS as readonly string[]).includes(said) ? (said as Kind) : "vessel";
}

export const isTurned = (kind: Kind): boolean => TURNED.has(kind);
