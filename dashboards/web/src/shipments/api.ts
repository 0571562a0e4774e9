// Asks the API of advance cargo, as customs: until there is a login, the page says who asks.

import { ApiError, reason } from "../api";
import { t } from "../words";
import type { CrossCheck, Import, ShipmentView, Summary, Voyage } from "./types";

const ROOT = "api/aci";
const WHO = { "X-Haechi-Party": "customs:console" } as const;

export const shipments = (key: string): Promise<readonly Summary[]> =>
  ask(`shipments?${new URLSearchParams({ ...(key === "" ? {} : { key }), limit: "200" })}`);

export const shipment = (reference: string): Promise<ShipmentView> => ask(`shipments/${encodeURIComponent(reference)}`);

export const crossCheck = (reference: string): Promise<CrossCheck> =>
  ask(`shipments/${encodeURIComponent(reference)}/crosscheck`);

/** The voyage that carries it; null if none is declared. */
export const voyageOf = (reference: string): Promise<Voyage | null> =>
  ask<Voyage>(`shipments/${encodeURIComponent(reference)}/voyage`).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  });

export const imports = (): Promise<readonly Import[]> => ask("imports?limit=20");

/** What is to be made of a file, and in whose name. */
export interface Intent {
  readonly creates: boolean;
  readonly by: string;
}

/** Hand a file in; `progress` is told the share that has been sent. */
export function handIn(file: File, { creates, by }: Intent, progress: (share: number) => void): Promise<Import> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest(); // fetch does not tell how much of a body was sent
    sending.open("POST", `${ROOT}/imports?${new URLSearchParams({ name: file.name, by, ...(creates ? { create: "shipments" } : {}) })}`);
    sending.setRequestHeader("X-Haechi-Party", WHO["X-Haechi-Party"]);
    sending.setRequestHeader("Content-Type", "application/octet-stream");
    sending.responseType = "json";
    sending.upload.onprogress = (event) => progress(event.loaded / Math.max(1, event.total));
    sending.onerror = () => reject(new ApiError(0, t("act.offline")));
    sending.onload = () => {
      if (sending.status < 300) resolve(sending.response as Import);
      else reject(new ApiError(sending.status, detailOf(sending.response) ?? `HTTP ${sending.status}`));
    };
    sending.send(file);
  });
}

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(`${ROOT}/${path}`, { headers: WHO }).catch(() => {
    throw new ApiError(0, t("act.offline"));
  });
  if (!answer.ok) throw new ApiError(answer.status, await reason(answer));
  return (await answer.json()) as T;
}

const detailOf = (body: unknown): string | null =>
  typeof body === "object" && body !== null && "detail" in body ? String(body.detail) : null;
