// Calls the operator: a tone for new urgent alarms, made in the page. Browsers stay silent until
// the operator has clicked once, so the state is shown instead of assumed.

import type { Severity } from "./types";

const KEY = "haechi.muted";

export type SoundState = "locked" | "on" | "muted";

/** Tones in Hz, and how long each lasts in seconds. */
const CALLS: Partial<Record<Severity, readonly (readonly [number, number])[]>> = {
  CRITICAL: [[880, 0.16], [660, 0.16], [880, 0.16], [660, 0.16], [880, 0.3]],
  MAJOR: [[660, 0.18], [880, 0.28]],
};

export class Sound {
  private readonly context = new AudioContext();
  private muted = localStorage.getItem(KEY) === "yes";

  constructor(private readonly changed: () => void) {
    this.context.addEventListener("statechange", () => this.changed());
    const unlock = (): void => {
      if (this.context.state === "suspended") void this.context.resume();
    };
    addEventListener("pointerdown", unlock);
    addEventListener("keydown", unlock);
  }

  get state(): SoundState {
    if (this.muted) return "muted";
    return this.context.state === "running" ? "on" : "locked";
  }

  toggle(): void {
    if (this.state === "locked") {
      void this.context.resume();
      return;
    }
    this.muted = !this.muted;
    localStorage.setItem(KEY, this.muted ? "yes" : "no");
    this.changed();
    if (!this.muted) this.call("MAJOR");
  }

  /** Sound the call of a severity; the lesser ones have none. */
  call(severity: Severity): void {
    if (this.state !== "on") return;
    let at = this.context.currentTime + 0.02;
    for (const [pitch, length] of CALLS[severity] ?? []) {
      this.tone(pitch, at, length);
      at += length;
    }
  }

  private tone(pitch: number, at: number, length: number): void {
    const oscillator = new OscillatorNode(this.context, { type: "triangle", frequency: pitch });
    const gain = new GainNode(this.context, { gain: 0 });
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.25, at + 0.02);
    gain.gain.linearRampToValueAtTime(0, at + length);
    oscillator.connect(gain).connect(this.context.destination);
    oscillator.start(at);
    oscillator.stop(at + length);
  }
}
