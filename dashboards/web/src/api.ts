// Asks the console's API. Every failure is an ApiError whose message a person can read.

import type { Alarm, AlarmDetail, Sighting, Snapshot, Track, VesselDetail, Zones } from "./types";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type Act = "acknowledge" | "clear" | "shelve" | "unshelve" | "assign" | "comment";

export interface ActBody {
  readonly by: string;
  readonly note?: string;
  readonly minutes?: number;
  readonly assignee?: string;
}

export const snapshot = (): Promise<Snapshot> => ask("api/snapshot");
export const zones = (): Promise<Zones> => ask("api/zones");
export const vessel = (subject: string): Promise<VesselDetail> =>
  ask(`api/vessels/${encodeURIComponent(subject)}`);
export const targets = (): Promise<readonly Sighting[]> => ask("api/targets");
export const alarm = (id: string): Promise<AlarmDetail> => ask(`api/alarms/${encodeURIComponent(id)}`);

export function track(subject: string, since: Date, until: Date): Promise<Track> {
  const range = new URLSearchParams({
    since: since.toISOString(),
    until: until.toISOString(),
    limit: "500",
  });
  return ask(`api/vessels/${encodeURIComponent(subject)}/track?${range}`);
}

export const act = (id: string, what: Act, body: ActBody): Promise<Alarm> =>
  ask(`api/alarms/${encodeURIComponent(id)}/${what}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(path, init).catch((error: unknown) => {
    throw new ApiError(0, String(error));
  });
  if (!answer.ok) throw new ApiError(answer.status, await reason(answer));
  return (await answer.json()) as T;
}

/** Problem details (RFC 9457), or the status where the answer is something else. */
export async function reason(answer: Response): Promise<string> {
  const problem: unknown = await answer.json().catch(() => null);
  if (typeof problem === "object" && problem !== null && "detail" in problem) {
    return String(problem.detail);
  }
  return `HTTP ${answer.status}`;
}
