// What the console's API says; the names are those of dashboards/views.py.

import type { Words } from "./words";

export const SEVERITIES = ["CRITICAL", "MAJOR", "MINOR", "WARNING", "INDETERMINATE"] as const;
/** Most urgent first. */
export type Severity = (typeof SEVERITIES)[number];

export const STATES = ["ACTIVE_UNACK", "ACTIVE_ACK", "CLEARED_UNACK", "CLEARED_ACK"] as const;
export type AlarmState = (typeof STATES)[number];

/** ISO 8601, UTC. */
export type Iso = string;

export interface Equipment {
  readonly state: string | null;
  readonly battery_percent: number | null;
  readonly altitude_m: number | null;
  /** Longitude, latitude: what a camera sees, or where a sighting is with 95 % probability. */
  readonly outline: readonly (readonly [number, number])[];
  readonly is_over: boolean;
}

/** A vessel, or whatever else has a place: see kinds.ts. */
export interface Vessel {
  readonly position: number;
  readonly subject: string;
  readonly site: string;
  readonly at: Iso;
  readonly lat: number;
  readonly lon: number;
  readonly speed_kn: number | null;
  readonly course_deg: number | null;
  readonly heading_deg: number | null;
  /** Untrusted, as are all texts that come from devices: shown as text, never as markup. */
  readonly name: string | null;
  readonly ship_type: number | null;
  readonly length_m: number | null;
  readonly equipment?: Equipment | null;
}

/** Something that a camera sees, and what it is: dashboards/targets.py. */
export interface Sighting {
  readonly object: string;
  /** A vessel, a truck, what another camera calls it, or itself. */
  readonly target: string;
  /** A boat, and no transponder says that it is there. */
  readonly is_dark: boolean;
}

export interface Alarm {
  readonly id: string;
  readonly site: string;
  readonly rule: string;
  readonly subject: string;
  readonly zone: string | null;
  readonly kind: string;
  readonly severity: Severity;
  readonly text: string;
  readonly words: Words;
  readonly status: AlarmState;
  readonly is_open: boolean;
  readonly active: boolean;
  readonly acknowledged: boolean;
  readonly since: Iso;
  readonly until: Iso | null;
  readonly raised_at: Iso;
  readonly updated_at: Iso;
  readonly findings: readonly string[];
  readonly fired: number;
  readonly acknowledged_at: Iso | null;
  readonly acknowledged_by: string | null;
  readonly cleared_at: Iso | null;
  readonly cleared_by: string | null;
  readonly shelved_until: Iso | null;
  readonly shelved_by: string | null;
  readonly assignee: string | null;
  readonly lat: number | null;
  readonly lon: number | null;
  readonly subject_name: string | null;
  readonly retracted: boolean;
}

export interface AlarmEvent {
  readonly alarm: string;
  readonly number: number;
  readonly at: Iso;
  readonly by: string;
  readonly signal: string;
  readonly before: AlarmState | null;
  readonly after: AlarmState;
  readonly note: string;
  readonly words: Words;
}

export interface Finding {
  readonly id: string;
  readonly rule: string;
  readonly kind: string;
  readonly rule_version: string;
  readonly subject: string;
  readonly severity: Severity;
  readonly since: Iso;
  readonly until: Iso | null;
  readonly text: string;
  readonly words: Words;
  readonly values: Readonly<Record<string, number | string>>;
  readonly thresholds: Readonly<Record<string, number | string>>;
  readonly zone: string | null;
  readonly lat: number | null;
  readonly lon: number | null;
  readonly status: "open" | "ended" | "retracted";
  readonly revision: number;
}

export interface Particulars {
  readonly name?: string | null;
  readonly callsign?: string | null;
  readonly imo?: number | null;
  readonly ship_type?: number | null;
  readonly length_m?: number | null;
  readonly beam_m?: number | null;
  readonly draught_m?: number | null;
  readonly destination?: string | null;
  readonly eta?: string | null;
}

export interface Push {
  readonly id: string;
  readonly channel: string;
  readonly status: string;
}

export interface Health {
  readonly state: "ok" | "degraded" | "failing";
  readonly reasons: readonly string[];
  readonly watermark: Iso | null;
  readonly now: Iso;
}

export interface Snapshot {
  readonly position: number;
  readonly now: Iso;
  readonly site: string;
  readonly time_zone: string;
  readonly language: string;
  readonly vessels: readonly Vessel[];
  readonly alarms: readonly Alarm[];
}

export interface VesselDetail {
  readonly vessel: Vessel;
  readonly particulars: Particulars;
  readonly findings: readonly Finding[];
  readonly alarms: readonly Alarm[];
}

export interface AlarmDetail {
  readonly alarm: Alarm;
  readonly events: readonly AlarmEvent[];
  readonly findings: readonly Finding[];
  readonly pushes: readonly Push[];
}

/** Longitude, latitude, time, speed in knots. */
export type TrackPoint = readonly [number, number, Iso, number | null];

export interface Track {
  readonly subject: string;
  readonly points: readonly TrackPoint[];
}

export interface ZoneProperties {
  readonly id?: string;
  readonly name: string;
  readonly kind: string;
  readonly severity: Severity;
}
export type Zones = GeoJSON.FeatureCollection<GeoJSON.Polygon | GeoJSON.MultiPolygon, ZoneProperties>;

export type Selection =
  | { readonly kind: "vessel"; readonly subject: string }
  | { readonly kind: "alarm"; readonly id: string; readonly subject: string };
