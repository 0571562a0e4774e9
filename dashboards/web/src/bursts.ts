// Alarms that began together: told to the ear once, and folded into one line of the list.

import { rank } from "./state";
import type { Alarm, Severity } from "./types";

/** So many of one rule and kind are a burst; fewer are read faster than they are opened. */
const FOLDED_FROM = 5;
/** Those raised no longer than this after each other belong together. */
const TOGETHER_MS = 60_000;
/** A call that has sounded stands for all that is not more urgent and comes this soon. */
const QUIET_MS = 5_000;

export interface Burst {
  /** Remains when later ones join. */
  readonly id: string;
  /** As they were listed, the most urgent first. */
  readonly alarms: readonly Alarm[];
}

/** Fold what is listed: a burst takes the place of its first alarm. */
export function folded(listed: readonly Alarm[]): (Alarm | Burst)[] {
  const burstOf = new Map<Alarm, Burst>();
  for (const alarms of together(listed)) {
    if (alarms.length < FOLDED_FROM) continue;
    const members = new Set(alarms);
    const burst = { id: `burst-${alarms[0]!.id}`, alarms: listed.filter((alarm) => members.has(alarm)) };
    for (const alarm of alarms) burstOf.set(alarm, burst);
  }
  return [...new Set(listed.map((alarm) => burstOf.get(alarm) ?? alarm))];
}

/** Alarms of one kind, urgency and state, parted where none was raised for a while. */
function together(listed: readonly Alarm[]): Alarm[][] {
  const all: Alarm[][] = [];
  const latest = new Map<string, Alarm[]>();
  for (const alarm of listed.toSorted((a, b) => raised(a) - raised(b) || a.id.localeCompare(b.id))) {
    const run = latest.get(sort(alarm));
    if (run !== undefined && raised(alarm) - raised(run.at(-1)!) <= TOGETHER_MS) {
      run.push(alarm);
      continue;
    }
    latest.set(sort(alarm), [alarm]);
    all.push(latest.get(sort(alarm))!);
  }
  return all;
}

const raised = (alarm: Alarm): number => Date.parse(alarm.raised_at);

const sort = ({ rule, kind, severity, active, acknowledged }: Alarm): string =>
  [rule, kind, severity, active, acknowledged].join(" ");

/** Decides whether an alarm is to be heard, so that a storm sounds once and not as a siren. */
export class Ear {
  private heardMs = -Infinity;
  private heard: Severity = "INDETERMINATE";

  hears(severity: Severity, nowMs: number): boolean {
    if (nowMs - this.heardMs < QUIET_MS && rank(severity) >= rank(this.heard)) return false;
    this.heardMs = nowMs;
    this.heard = severity;
    return true;
  }
}
