// What the page knows: pure reducers over what the snapshot and the stream say.

import { kindOf } from "./kinds";
import { type Alarm, SEVERITIES, type Severity, type Sighting, type Snapshot, type Vessel, type Zones } from "./types";
import { said } from "./words";

/** Positions of one vessel as they came in, oldest first: longitude, latitude, time in ms. */
export type Tail = [number, number, number][];

export const TAIL_MS = 15 * 60_000;
const TAIL_POINTS = 60;
const CLOSED_KEPT = 200;

export class World {
  readonly vessels = new Map<string, Vessel>();
  readonly alarms = new Map<string, Alarm>();
  readonly tails = new Map<string, Tail>();
  /** The worst open alarm of each subject. */
  readonly worst = new Map<string, Severity>();
  /** What zones are called, by id. */
  readonly zoneNames = new Map<string, string>();
  /** What cameras see now, by object. */
  readonly sightings = new Map<string, Sighting>();
  newestMs = 0;

  /** Begin anew. Tails stay: they are what this page itself has seen. */
  load(snapshot: Snapshot): void {
    this.vessels.clear();
    this.alarms.clear();
    this.newestMs = 0;
    this.takeVessels(snapshot.vessels);
    this.takeAlarms(snapshot.alarms);
  }

  /** Take in vessels; one that is older than what is known changes nothing. Return who changed. */
  takeVessels(vessels: readonly Vessel[]): string[] {
    const changed: string[] = [];
    for (const vessel of vessels) {
      const known = this.vessels.get(vessel.subject);
      if (known !== undefined && known.position > vessel.position) continue;
      this.vessels.set(vessel.subject, vessel);
      const ms = Date.parse(vessel.at);
      this.newestMs = Math.max(this.newestMs, ms);
      this.lengthenTail(vessel, ms);
      changed.push(vessel.subject);
    }
    return changed;
  }

  /** Take in alarms; return those that are new or have begun again, for the operator's ear. */
  takeAlarms(alarms: readonly Alarm[]): { fired: Alarm[]; subjects: string[] } {
    const fired: Alarm[] = [];
    for (const alarm of alarms) {
      const known = this.alarms.get(alarm.id);
      if (known !== undefined && Date.parse(known.updated_at) > Date.parse(alarm.updated_at)) continue;
      if (calls(alarm) && (known === undefined || !calls(known) || alarm.fired > known.fired)) {
        fired.push(alarm);
      }
      this.alarms.delete(alarm.id);
      this.alarms.set(alarm.id, alarm);
    }
    this.forgetClosed();
    const subjects = alarms.map((alarm) => alarm.subject);
    for (const subject of new Set(subjects)) {
      this.judge(subject);
      if (kindOf(subject) === "shipment") this.place(subject);
    }
    return { fired, subjects };
  }

  /** Take in what cameras see now, all of it; return whose sign may be another. */
  takeSightings(sightings: readonly Sighting[]): string[] {
    const before = [...this.sightings.values()];
    this.sightings.clear();
    for (const sighting of sightings) this.sightings.set(sighting.object, sighting);
    const is = ({ object, target, is_dark }: Sighting): string => `${object} ${target} ${is_dark}`;
    const [was, now] = [new Set(before.map(is)), new Set(sightings.map(is))];
    const other = [...before.filter((each) => !now.has(is(each))), ...sightings.filter((each) => !was.has(is(each)))];
    return [...new Set(other.flatMap(({ object, target }) => [object, target]))];
  }

  /** The cameras that see a subject, by what they call it; a camera's object is not seen by itself. */
  seenBy(subject: string): string[] {
    const same = [...this.sightings.values()].filter(({ object, target }) => target === subject && object !== subject);
    return [...new Set(same.map(({ object }) => object.replace(/^object:(.*)\..*$/, "$1")))].sort();
  }

  takeZones(zones: Zones): void {
    for (const zone of zones.features) {
      this.zoneNames.set(String(zone.id ?? zone.properties.id ?? zone.properties.name), zone.properties.name);
    }
  }

  zoneName(id: string): string {
    return this.zoneNames.get(id) ?? id;
  }

  private judge(subject: string): void {
    this.worst.delete(subject);
    for (const alarm of this.alarms.values()) {
      if (alarm.subject !== subject || !isOnMap(alarm)) continue;
      const worst = this.worst.get(subject);
      if (worst === undefined || rank(alarm.severity) < rank(worst)) {
        this.worst.set(subject, alarm.severity);
      }
    }
  }

  /** A shipment is heard of by its alarm alone: it stands where its vessel was, as long as that is open. */
  private place(subject: string): void {
    this.vessels.delete(subject);
    for (const alarm of this.alarms.values()) {
      const { site, since: at, lat, lon } = alarm;
      if (alarm.subject !== subject || !isOnMap(alarm) || lat === null || lon === null) continue;
      this.vessels.set(subject, {
        position: 0, subject, site, at, lat, lon, speed_kn: null, course_deg: null, heading_deg: null,
        name: null, ship_type: null, length_m: null,
      });
    }
  }

  private lengthenTail(vessel: Vessel, ms: number): void {
    const tail = this.tails.get(vessel.subject) ?? [];
    const last = tail.at(-1);
    if (last !== undefined && last[2] >= ms) return;
    tail.push([vessel.lon, vessel.lat, ms]);
    while (tail.length > TAIL_POINTS || (tail[0]?.[2] ?? ms) < ms - TAIL_MS) tail.shift();
    this.tails.set(vessel.subject, tail);
  }

  private forgetClosed(): void {
    let surplus = [...this.alarms.values()].filter((alarm) => !alarm.is_open).length - CLOSED_KEPT;
    for (const alarm of this.alarms.values()) {
      if (surplus <= 0) return;
      if (alarm.is_open) continue;
      this.alarms.delete(alarm.id);
      surplus -= 1;
    }
  }
}

/** 0 is the most urgent. */
export const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** Whether it waits for an operator: open, not yet acknowledged, not put off. */
export const calls = (alarm: Alarm): boolean =>
  alarm.is_open && !alarm.acknowledged && alarm.shelved_until === null;

const isOnMap = (alarm: Alarm): boolean =>
  alarm.is_open && alarm.shelved_until === null && !alarm.retracted;

/** Active first, then by severity, then the newest. */
export function byUrgency(a: Alarm, b: Alarm): number {
  return Number(b.active) - Number(a.active)
    || rank(a.severity) - rank(b.severity)
    || Date.parse(b.since) - Date.parse(a.since)
    || a.id.localeCompare(b.id);
}

export type Shelf = "open" | "shelved" | "closed";

export interface Filter {
  readonly shelf: Shelf;
  readonly hidden: ReadonlySet<Severity>;
  readonly unacknowledged: boolean;
  /** Lower case. */
  readonly text: string;
}

export const shelfOf = (alarm: Alarm): Shelf =>
  !alarm.is_open ? "closed" : alarm.shelved_until === null ? "open" : "shelved";

/** The alarms to list, most urgent first. */
export function listed(alarms: Iterable<Alarm>, filter: Filter): Alarm[] {
  return [...alarms].filter((alarm) => passes(alarm, filter)).sort(byUrgency);
}

function passes(alarm: Alarm, filter: Filter): boolean {
  if (shelfOf(alarm) !== filter.shelf || filter.hidden.has(alarm.severity)) return false;
  if (filter.unacknowledged && alarm.acknowledged) return false;
  if (filter.text === "") return true;
  return [alarm.subject_name, alarm.subject, alarm.zone, said(alarm.words), alarm.rule, alarm.assignee]
    .some((text) => text?.toLowerCase().includes(filter.text));
}
