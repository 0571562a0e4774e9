// What must be done by when, and the time that is left.

import { h, ltr } from "../dom";
import { duration, utc } from "../time";
import { unit } from "../words";
import { lamp } from "./lamps";
import type { Deadline } from "./types";
import { lightOf } from "./urgency";
import { c, called } from "./words";

type Duty = Pick<Deadline, "code" | "due" | "done">;

/** Its light, its name and the time left. */
export function untilDue(duty: Duty, nowMs: number): (HTMLElement | SVGElement | string)[] {
  const light = lightOf(duty, nowMs);
  const farS = (Date.parse(duty.due) - Date.parse(duty.done ?? new Date(nowMs).toISOString())) / 1000;
  const far = duration(Math.abs(farS), unit);
  const words = duty.done === null
    ? c(farS < 0 ? "due.missed" : "due.left", { time: far })
    : c(farS < 0 ? "due.late" : "due.done", { time: far });
  return [lamp(light, c(`light.${light}`)), h("span", { class: `left ${light}` }, words), h("small", {}, called("duty", duty.code))];
}

export function deadlineTable(deadlines: readonly Deadline[], nowMs: number): HTMLElement {
  if (deadlines.length === 0) return h("p", { class: "dim" }, c("due.none"));
  return h("ul", { class: "deadlines" }, ...deadlines.map((each) =>
    h("li", { class: each.is_hard ? "hard" : "advice" }, ...untilDue(each, nowMs),
      h("span", { class: "dim" }, ltr(utc(new Date(each.due)).replace(/:\d\dZ$/, "Z")),
        ` ${each.is_hard ? "" : c("due.advice")}`))));
}
