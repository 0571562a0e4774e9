// What happened and to whom, in a few words: for the list, the card and the reasons of a shipment.

import { labelOf } from "./features";
import { plainLine } from "./text";
import type { Alarm } from "./types";
import { named, said } from "./words";

/** Kinds of these say too little alone: `Zone · entered`. */
const GROUPED: ReadonlySet<string> = new Set(["geofence", "cargo_reason"]);

/** What happened, in the operator's language where the rule is one of ours. */
export function headline({ rule, kind }: Pick<Alarm, "rule" | "kind">): string {
  if (kind === rule) return named("rule", rule);
  const what = named("kind", kind);
  return GROUPED.has(rule) ? `${named("rule", rule)} · ${what}` : what.charAt(0).toUpperCase() + what.slice(1);
}

export const who = (alarm: Pick<Alarm, "subject_name" | "subject">): string =>
  labelOf({ name: alarm.subject_name, subject: alarm.subject });

/** What the rule says, with the name people know instead of the subject, isolated from the rest. */
export const sentence = (alarm: Pick<Alarm, "subject_name" | "subject" | "words">): string =>
  plainLine(said(alarm.words).replaceAll(alarm.subject, () => `\u2068${who(alarm)}\u2069`));
