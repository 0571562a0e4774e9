// How a shipment and its deadlines stand, as a traffic light whose lamps have shapes. Pure.

import { SEVERITIES, type Severity } from "../types";
import type { CrossCheck, Deadline, Light } from "./types";

/** As `haechi.aci.deadlines`: less than this left is amber. */
export const AMBER_MS = 24 * 3_600_000;

const RED: ReadonlySet<Severity> = new Set(["CRITICAL", "MAJOR"]);

/** Of what was found: two severities are red, the others amber. */
export function standing(severity: Severity | null): Light {
  if (severity === null) return "green";
  return RED.has(severity) ? "red" : "amber";
}

/** Of one deadline; done exactly when it was due is in time. */
export function lightOf({ due, done }: Pick<Deadline, "due" | "done">, nowMs: number): Light {
  const dueMs = Date.parse(due);
  if ((done === null ? nowMs : Date.parse(done)) > dueMs) return "red";
  if (done !== null) return "done";
  return dueMs - nowMs < AMBER_MS ? "amber" : "green";
}

/** The most urgent severity of what was found. */
export function worst({ reasons, findings }: Pick<CrossCheck, "reasons" | "findings">): Severity | null {
  const said = [...reasons, ...findings.filter(({ status }) => status !== "retracted")].map(({ severity }) => severity);
  return SEVERITIES.find((severity) => said.includes(severity)) ?? null;
}
