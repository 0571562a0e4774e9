// Many changes, few frames: the newest of each key, handed on when the taker is ready.

/** Asks for a frame; requestAnimationFrame in the page, a plain queue in tests. */
export type Schedule = (run: () => void) => void;

export const nextFrame: Schedule = (run) => void requestAnimationFrame(run);

/** Collects keys and hands them on, never while the last hand-over is still being worked on. It
 * rests for as long as that took: on a slow machine half of the time is left for the operator. */
export class Conflator<K> {
  private readonly waiting = new Set<K>();
  private due = false;
  private busy = false;
  private notBefore = 0;

  constructor(
    private readonly take: (keys: ReadonlySet<K>) => Promise<void> | void,
    private readonly schedule: Schedule,
    private readonly intervalMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.waiting.size;
  }

  add(keys: Iterable<K>): void {
    for (const key of keys) this.waiting.add(key);
    this.ask();
  }

  private ask(): void {
    if (this.due || this.busy || this.waiting.size === 0) return;
    this.due = true;
    this.schedule(() => {
      this.due = false;
      if (this.now() < this.notBefore) this.ask();
      else void this.handOver();
    });
  }

  private async handOver(): Promise<void> {
    const keys = new Set(this.waiting);
    this.waiting.clear();
    this.busy = true;
    const begun = this.now();
    try {
      await this.take(keys);
    } finally {
      this.busy = false;
      const took = this.now() - begun;
      this.notBefore = begun + Math.max(this.intervalMs, 2 * took);
      this.ask();
    }
  }
}
