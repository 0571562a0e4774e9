// Asks again and again, never twice at once: what is seen is at most a second old, or said to be.

const EVERY_MS = 1_000;

/** What the server counts down in each answer is no change: the page has a clock of its own. */
const RUNNING: ReadonlySet<string> = new Set(["left_s"]);

/** What a following tells: each answer that differs from the one before, or why there is none. */
export interface Heard<T> {
  answer(value: T): void;
  failed(error: unknown): void;
}

export class Following<T> {
  private before = "";
  private isAsking = false;
  private isAgain = false;
  private isOver = false;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(private readonly ask: () => Promise<T>, private readonly heard: Heard<T>) {
    this.timer = setInterval(() => void this.look(), EVERY_MS);
    void this.look();
  }

  /** Ask now, or again as soon as the question in flight is answered. */
  async look(): Promise<void> {
    this.isAgain = this.isAsking;
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      this.take(await this.ask());
    } catch (error) {
      this.before = "";
      if (!this.isOver) this.heard.failed(error);
    } finally {
      this.isAsking = false;
    }
    if (this.isAgain) void this.look();
  }

  end(): void {
    this.isOver = true;
    clearInterval(this.timer);
  }

  private take(value: T): void {
    const text = JSON.stringify(value, (name, part: unknown) => (RUNNING.has(name) ? undefined : part));
    if (this.isOver || text === this.before) return;
    this.before = text;
    this.heard.answer(value);
  }
}
