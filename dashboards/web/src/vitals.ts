// What is known of the platform's health: what it said last, until nothing is heard from it.

import type { Connection } from "./stream";
import type { Health, Iso } from "./types";

export class Vitals {
  private said: Health | null = null;
  private isLost = false;

  take(health: Health): void {
    this.said = health;
    this.isLost = false;
  }

  /** A connection that is back says nothing of health by itself: the next word of it does. */
  connection(state: Connection): void {
    if (state === "stale" || state === "reconnecting") this.isLost = true;
  }

  get known(): Health | null {
    return this.isLost ? null : this.said;
  }

  /** By the platform's own clock; null while the health is known, or if it never was. */
  get unknownSince(): Iso | null {
    return this.isLost ? (this.said?.now ?? null) : null;
  }
}
