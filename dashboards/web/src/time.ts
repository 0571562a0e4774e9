// Times and ages in words: UTC first, the site's local time beside it.

export const MINUTE_S = 60;
export const HOUR_S = 3600;
export const DAY_S = 86_400;

/** Data older than this at the newest is a recording: ages are then counted from its end. */
export const RECORDED_AFTER_S = DAY_S;

/** How old a last report is, in steps that the map shows; 3 is lost from sight. */
export type AgeBand = 0 | 1 | 2 | 3;

/** A ship at anchor reports every 3 minutes, so it is fresh for two of its reports. */
const BANDS_S = [7 * MINUTE_S, 20 * MINUTE_S, HOUR_S] as const;

export function ageBand(ageS: number): AgeBand {
  if (ageS <= BANDS_S[0]) return 0;
  if (ageS <= BANDS_S[1]) return 1;
  return ageS <= BANDS_S[2] ? 2 : 3;
}

/** What ages are counted from: now, or the newest report where all data are old. */
export function referenceTime(nowMs: number, newestMs: number): number {
  const recorded = newestMs > 0 && nowMs - newestMs > RECORDED_AFTER_S * 1000;
  return recorded ? newestMs : nowMs;
}

/** Two numbers at most: `45 s`, `12 min`, `3 h 05 min`, `2 d 4 h`. Units come from the words, with their gap. */
export function duration(seconds: number, unit: (key: "s" | "min" | "h" | "d") => string): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 2 * MINUTE_S) return `${whole}${unit("s")}`;
  if (whole < HOUR_S) return `${Math.floor(whole / MINUTE_S)}${unit("min")}`;
  if (whole < DAY_S) {
    const minutes = Math.floor((whole % HOUR_S) / MINUTE_S);
    return `${Math.floor(whole / HOUR_S)}${unit("h")} ${String(minutes).padStart(2, "0")}${unit("min")}`;
  }
  const days = `${Math.floor(whole / DAY_S)}${unit("d")}`;
  const hours = Math.floor((whole % DAY_S) / HOUR_S);
  return hours === 0 ? days : `${days} ${hours}${unit("h")}`;
}

/** `2026-01-02 03:04:05Z`, the date left out where it is that of `today`. */
export function utc(at: Date, today?: Date): string {
  const [date, clock] = at.toISOString().slice(0, 19).split("T") as [string, string];
  return today?.toISOString().startsWith(date) ? `${clock}Z` : `${date} ${clock}Z`;
}

/** Formats in the site's time zone; an unknown zone is shown as UTC. */
export class LocalClock {
  private readonly clock: Intl.DateTimeFormat;
  private readonly day: Intl.DateTimeFormat;
  private readonly zoned: Intl.DateTimeFormat;
  readonly isUtc: boolean;

  constructor(timeZone: string, language: string) {
    const zone = isZone(timeZone) ? timeZone : "UTC";
    const locale = `${language}-u-nu-latn-hc-h23`;
    this.isUtc = zone === "UTC";
    this.clock = new Intl.DateTimeFormat(locale, {
      timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    });
    this.day = new Intl.DateTimeFormat(locale, {
      timeZone: zone, year: "numeric", month: "short", day: "numeric",
    });
    this.zoned = new Intl.DateTimeFormat(locale, {
      timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
    });
  }

  time(at: Date): string {
    return this.clock.format(at);
  }

  /** With the name of the zone, and with the day where it is not that of `today`. */
  dateTime(at: Date, today?: Date): string {
    const time = this.zoned.format(at);
    const day = this.day.format(at);
    return today !== undefined && this.day.format(today) === day ? time : `${day} ${time}`;
  }
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false; // the only way to ask
  }
}
