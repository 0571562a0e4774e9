// Follows what changes, and never claims to be live when it is not.

import type { Alarm, Health, Snapshot, Vessel } from "./types";

export type Connection = "connecting" | "live" | "stale" | "reconnecting";

/** The server says something at least every 5 s; two missed heartbeats are two too many. */
export const STALE_AFTER_MS = 12_000;
/** A link that says nothing for this long is half open: hang up and dial again. */
export const HANG_UP_AFTER_MS = 25_000;
/** After a break as long as this, everything is read anew instead of caught up with. */
export const REREAD_AFTER_MS = 5 * 60_000;
const RETRY_MS = 2_000;

export interface Listener {
  snapshot(snapshot: Snapshot): void;
  vessels(vessels: readonly Vessel[]): void;
  alarms(alarms: readonly Alarm[]): void;
  health(health: Health): void;
  connection(state: Connection): void;
}

/** The state to show, from when something was last heard. Pure, so that tests move the time. */
export function judge(open: boolean, sinceHeardMs: number): Connection {
  if (!open) return "reconnecting";
  return sinceHeardMs > STALE_AFTER_MS ? "stale" : "live";
}

/** Whether the store behind the server is another one than before: its log is behind ours. */
export const isOtherStore = (known: number, said: number): boolean => said < known;

export class Stream {
  private source: EventSource | null = null;
  private position = 0;
  private heardAt = 0;
  private loading = false;
  private state: Connection = "connecting";

  constructor(
    private readonly read: () => Promise<Snapshot>,
    private readonly listener: Listener,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** How long ago anything was heard, ms. */
  get silenceMs(): number {
    return this.now() - this.heardAt;
  }

  /** Read everything, then follow. Retries until it succeeds. */
  async start(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    this.hangUp();
    const snapshot = await this.read().catch(() => null); // the state shown says why it is not live
    this.loading = false;
    if (snapshot === null) {
      this.show("reconnecting");
      setTimeout(() => void this.start(), RETRY_MS);
      return;
    }
    this.position = snapshot.position;
    this.heardAt = this.now();
    this.listener.snapshot(snapshot);
    this.dial();
  }

  /** Look at the clock; called about once a second. */
  tick(): void {
    if (this.source === null) return;
    const open = this.source.readyState === EventSource.OPEN;
    this.show(judge(open, this.silenceMs));
    const gaveUp = this.source.readyState === EventSource.CLOSED;
    if (gaveUp || (open && this.silenceMs > HANG_UP_AFTER_MS)) this.dial();
  }

  private dial(): void {
    this.hangUp();
    const source = new EventSource(`api/stream?since=${this.position}`);
    this.source = source;
    source.onerror = () => this.tick();
    source.onopen = () => {
      if (this.silenceMs > REREAD_AFTER_MS) void this.start();
    };
    this.on<Vessel[]>(source, "vessels", (vessels) => this.listener.vessels(vessels));
    this.on<Alarm[]>(source, "alarms", (alarms) => this.listener.alarms(alarms));
    this.on<Health>(source, "health", (health) => this.listener.health(health));
  }

  private on<T>(source: EventSource, event: string, take: (data: T) => void): void {
    source.addEventListener(event, (message: MessageEvent<string>) => {
      if (source !== this.source) return;
      this.heardAt = this.now();
      this.show("live");
      if (message.lastEventId !== "" && !this.follows(Number(message.lastEventId))) return;
      take(JSON.parse(message.data) as T);
    });
  }

  private follows(said: number): boolean {
    if (isOtherStore(this.position, said)) {
      void this.start();
      return false;
    }
    this.position = said;
    return true;
  }

  private hangUp(): void {
    this.source?.close();
    this.source = null;
  }

  private show(state: Connection): void {
    if (state === this.state) return;
    this.state = state;
    this.listener.connection(state);
  }
}
