// What was planned against what happened, moment by moment. Pure.

import type { Iso } from "../types";
import type { Call, ShipmentView, Voyage } from "./types";

export interface Milestone {
  /** Part of a word's key. */
  readonly what: string;
  readonly place: string;
  readonly declared: Iso | null;
  readonly observed: Iso | null;
  /** Who says so: part of a word's key. */
  readonly by: string | null;
}

type Moment = Iso | null | undefined;

/** Every moment of which anything is known, in the order of time. */
export function milestones({ shipment, deadlines }: ShipmentView, voyage: Voyage | null): Milestone[] {
  const journey = shipment.transport ?? {};
  const departed = shipment.departed ?? null;
  const filing = deadlines.find(({ code, is_hard }) => code === "LATE_FILING" && is_hard);
  const sealed = deadlines.find(({ code }) => code === "LATE_ENVELOPE");
  const calls = (voyage?.calls ?? []).flatMap((call) => ofCall(call, journey.load_port));
  const known = [
    one("requested", "", null, shipment.requested_at, "declaration"),
    one("issued", "", null, shipment.issued_at, "customs"),
    one("filed", "", filing?.due, shipment.filed_at, "declaration"),
    one("envelope", "", sealed?.due, sealed?.done, "customs"),
    one("loading", journey.load_port ?? "", journey.planned_loading, null, null),
    one("departure", journey.load_port ?? "", journey.etd, departed?.at, departed?.source ?? null),
    ...calls,
    ...(calls.some(({ what, place }) => what === "arrival" && place === journey.discharge_port)
      ? [] : [one("arrival", journey.discharge_port ?? "", journey.eta, null, null)]),
  ];
  return known.filter((each) => each.declared !== null || each.observed !== null).sort((a, b) => order(a) - order(b));
}

/** The departure from the port of loading has a line of its own. */
function ofCall(call: Call, loadPort: string | undefined): Milestone[] {
  if (call.port === loadPort) return [];
  return [
    one("arrival", call.port, call.planned_arrival, call.arrival, "carrier"),
    one("departure", call.port, call.planned_departure, call.departure, "carrier"),
  ];
}

const one = (what: string, place: string, declared: Moment, observed: Moment, by: string | null): Milestone => ({
  what, place, declared: declared ?? null, observed: observed ?? null, by: observed ? by : null,
});

const order = ({ declared, observed }: Milestone): number => Date.parse(declared ?? observed ?? "");
