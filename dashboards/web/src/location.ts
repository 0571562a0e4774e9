// The address keeps what is shown: MapLibre writes the view, this module the selection.

import type { Selection } from "./types";

export type Chosen = { readonly vessel: string } | { readonly alarm: string } | null;

/** What an address selects. */
export function chosen(hash: string): Chosen {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const alarm = parts.get("alarm");
  if (alarm !== null) return { alarm };
  const vessel = parts.get("vessel");
  return vessel === null ? null : { vessel };
}

/** The address of a selection; the rest of it stays as it is. */
export function withSelection(hash: string, selection: Selection | null): string {
  const rest = hash.replace(/^#/, "").split("&").filter((part) => !/^(alarm|vessel)=|^$/.test(part));
  if (selection?.kind === "alarm") rest.push(`alarm=${selection.id}`);
  if (selection?.kind === "vessel") rest.push(`vessel=${selection.subject}`);
  return `#${rest.join("&")}`;
}
