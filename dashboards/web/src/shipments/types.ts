// What the API of advance cargo says. Fields with their default are left out of what was declared.

import type { Finding, Iso, Severity } from "../types";
import type { Words } from "../words";

export const LIGHTS = ["red", "amber", "green", "done"] as const;
export type Light = (typeof LIGHTS)[number];

export interface Due {
  readonly at: Iso;
  readonly code: string;
}

/** One line of the list. */
export interface Summary {
  readonly reference: string;
  readonly acid: string | null;
  readonly state: string;
  readonly importer: string;
  readonly importer_name: string;
  readonly exporter: string;
  readonly exporter_name: string;
  readonly vessel: string;
  readonly voyage: string;
  readonly revision: number;
  readonly severity: Severity | null;
  readonly is_judged: boolean;
  readonly due: Due | null;
}

export interface Company {
  readonly name?: string;
  readonly tax_number?: string;
  readonly number?: string;
}

export interface Paper {
  readonly id: string;
  readonly type: string;
  readonly version?: number;
  readonly is_draft?: boolean;
  readonly transferred_at?: Iso | null;
  readonly cosigned_at?: Iso | null;
}

export interface Bill {
  readonly number: string;
  readonly kind?: string;
  readonly is_draft?: boolean;
}

export interface Packing {
  readonly container: string;
  readonly bill?: string;
  readonly seals?: readonly string[];
  readonly gross_kg?: number | null;
}

export interface Transport {
  readonly vessel?: string;
  readonly imo?: string;
  readonly mmsi?: string;
  readonly voyage?: string;
  readonly load_port?: string;
  readonly discharge_port?: string;
  readonly planned_loading?: Iso | null;
  readonly etd?: Iso | null;
  readonly eta?: Iso | null;
}

export interface Shipment {
  readonly reference: string;
  readonly acid?: string | null;
  readonly state?: string;
  readonly importer: Company;
  readonly exporter: Company;
  readonly documents?: readonly Paper[];
  readonly transport?: Transport;
  readonly bills?: readonly Bill[];
  readonly containers?: readonly Packing[];
  readonly filed_at?: Iso | null;
  readonly requested_at?: Iso | null;
  readonly issued_at?: Iso | null;
  readonly departed?: { readonly at: Iso; readonly source: string } | null;
}

export interface Call {
  readonly port: string;
  readonly name?: string;
  readonly lat?: number | null;
  readonly lon?: number | null;
  readonly planned_arrival?: Iso | null;
  readonly planned_departure?: Iso | null;
  readonly arrival?: Iso | null;
  readonly departure?: Iso | null;
}

export interface Voyage {
  readonly vessel: { readonly name?: string; readonly imo?: string; readonly mmsi?: string };
  readonly number: string;
  readonly calls?: readonly Call[];
  /** Longitude, latitude. */
  readonly route?: readonly (readonly [number, number])[];
}

/** One side of a disagreement. */
export interface Claim {
  readonly value: string;
  readonly source: string;
  readonly at: Iso | null;
  readonly reference: string;
}

export interface Reason {
  readonly id: string;
  readonly code: string;
  readonly severity: Severity;
  readonly about: string;
  readonly declared: Claim;
  readonly observed: Claim;
  readonly at: Iso;
  readonly text: Words;
  readonly advice: Words;
}

export interface Deadline {
  readonly code: string;
  readonly anchor: string;
  readonly due: Iso;
  readonly done: Iso | null;
  readonly is_hard: boolean;
}

export interface ShipmentView {
  readonly revision: number;
  readonly expires_at: Iso | null;
  readonly deadlines: readonly Deadline[];
  readonly shipment: Shipment;
}

export interface CrossCheck {
  readonly reference: string;
  readonly at: Iso | null;
  readonly reasons: readonly Reason[];
  readonly findings: readonly Finding[];
}

/** One thing wrong with a file that was read all the same. */
export interface Problem {
  /** Of the segment, line or row; 0 is the file as a whole. */
  readonly at: number;
  /** Its tag, column or path. */
  readonly part: string;
  readonly reason: string;
  readonly kept: string;
}

/** What came of a line, those that want a person first; the two in the middle where nothing was to be made. */
export const OUTCOMES = ["left", "unconfirmed", "confirmed", "created", "linked", "unchanged"] as const;
type Made = "created" | "linked" | "unchanged" | "left";

/** One bill or voyage of a file, as it is told. */
export interface Line {
  readonly name: string;
  readonly outcome: (typeof OUTCOMES)[number];
  readonly shipment: string;
  readonly containers: number;
  readonly notes: readonly string[];
}

/** One file that was handed in, and what became of it. */
export interface Import {
  readonly id: string;
  readonly name: string;
  readonly at: Iso;
  readonly state: "reading" | "taken" | "refused";
  readonly parts: number;
  readonly containers: number;
  readonly reason: string;
  readonly bills: readonly {
    readonly bill: string;
    readonly containers: number;
    readonly faults?: readonly string[];
    readonly outcome?: Made | null;
    readonly shipment?: string;
    readonly linked?: readonly string[];
    readonly left?: readonly string[];
  }[];
  readonly voyages: readonly {
    readonly vessel: string;
    readonly number: string;
    readonly outcome: Made;
    readonly containers?: number;
    readonly left?: readonly string[];
  }[];
  readonly problems: readonly Problem[];
  readonly unlisted_problems: number;
}

/** All that the page shows of one shipment. */
export interface Dossier {
  readonly view: ShipmentView;
  readonly check: CrossCheck;
  readonly voyage: Voyage | null;
}
