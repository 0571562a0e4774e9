// What the operator has chosen: kept in the address, shown in the card, ringed on the map.

import * as api from "./api";
import type { AlarmList } from "./alarms";
import { Details, type Known, TRACK_HOURS } from "./details";
import { kindOf } from "./kinds";
import { chosen, withSelection } from "./location";
import type { LiveMap } from "./map";
import type { World } from "./state";
import { HOUR_S, type LocalClock, referenceTime } from "./time";
import type { Alarm, Selection, Track } from "./types";
import { t } from "./words";

export interface Surroundings {
  readonly world: World;
  readonly local: LocalClock;
  readonly list: () => AlarmList;
  readonly map: () => LiveMap | null;
  now(): number;
  say(words: string): void;
}

export class Selected {
  readonly details: Details;
  private known: Known | null = null;

  constructor(private readonly around: Surroundings) {
    this.details = new Details(around.world, () => around.now(), around.local, {
      closed: () => this.nothing(),
      fit: () => this.goThere(),
      chosen: (alarm) => this.alarm(alarm),
    });
  }

  vessel(subject: string): void {
    this.around.list().select(null);
    this.open({ kind: "vessel", subject });
  }

  alarm(alarm: Alarm): void {
    this.openAlarm(alarm);
    this.goThere();
  }

  nothing(): void {
    const wasFocused = this.details.element.contains(document.activeElement);
    const left = this.known?.selection;
    this.known = null;
    this.details.show(null);
    this.around.list().select(null);
    if (wasFocused) this.around.list().focus(left?.kind === "alarm" ? left.id : "");
    this.around.map()?.select(null);
    this.around.map()?.showTrack([], () => "");
    history.replaceState(null, "", withSelection(location.hash, null));
  }

  /** Vessels have moved: show where and how, if one of them is chosen. */
  moved(subjects: readonly string[]): void {
    if (this.isAmong(subjects)) this.refresh();
  }

  /** Something was found or done about vessels: ask anew, if one of them is chosen. */
  concerned(subjects: readonly string[]): void {
    if (this.isAmong(subjects)) void this.reread();
  }

  /** Choose what the address names. */
  restore(): void {
    const selected = chosen(location.hash);
    if (selected === null) return;
    if ("vessel" in selected) {
      this.vessel(selected.vessel);
      return;
    }
    const show = (alarm: Alarm): void => {
      this.openAlarm(alarm);
      const map = this.around.map();
      if (map !== null && !map.hasView) this.goThere();
    };
    const known = this.around.world.alarms.get(selected.alarm);
    if (known !== undefined) show(known);
    else void api.alarm(selected.alarm).then(({ alarm }) => {
      this.around.world.takeAlarms([alarm]);
      show(alarm);
    }, () => this.nothing());
  }

  private isAmong(subjects: readonly string[]): boolean {
    return this.known !== null && subjects.includes(this.known.selection.subject);
  }

  private openAlarm(alarm: Alarm): void {
    this.open({ kind: "alarm", id: alarm.id, subject: alarm.subject });
    this.around.list().select(alarm.id);
  }

  private open(selection: Selection): void {
    const map = this.around.map();
    if (selection.subject !== this.known?.selection.subject) map?.showTrack([], () => "");
    this.known = {
      selection, vessel: undefined, alarm: undefined, vesselDetail: undefined,
      alarmDetail: undefined, trackPoints: undefined, problem: undefined,
    };
    history.replaceState(null, "", withSelection(location.hash, selection));
    map?.select(selection.subject);
    this.refresh();
    void this.reread();
  }

  /** Show what the page knows by itself of the selection. */
  private refresh(changes: Partial<Known> = {}): void {
    if (this.known === null) return;
    const { world } = this.around;
    const { selection } = this.known;
    this.known = { ...this.known, ...changes };
    this.known = {
      ...this.known,
      vessel: world.vessels.get(selection.subject) ?? this.known.vesselDetail?.vessel,
      alarm: selection.kind === "alarm" ? world.alarms.get(selection.id) ?? this.known.alarmDetail?.alarm : undefined,
    };
    this.details.show(this.known);
  }

  /** Ask the server for the rest. What comes back after the selection has changed is dropped. */
  private async reread(): Promise<void> {
    const selection = this.known?.selection;
    if (selection === undefined) return;
    const isStill = (): boolean => this.known?.selection === selection;
    const failed = (error: unknown): undefined => {
      const isUnknown = error instanceof api.ApiError && error.status === 404;
      if (isStill() && !isUnknown) this.refresh({ problem: String(error instanceof Error ? error.message : error) });
      return undefined;
    };
    const until = new Date(referenceTime(this.around.now(), this.around.world.newestMs) + 1000);
    const since = new Date(until.getTime() - TRACK_HOURS * HOUR_S * 1000);
    const isSeen = kindOf(selection.subject) !== "shipment"; // a shipment is not
    await Promise.all([
      isSeen && api.vessel(selection.subject).then((vesselDetail) => isStill() && this.refresh({ vesselDetail }), failed),
      isSeen && api.track(selection.subject, since, until).then((track) => isStill() && this.showTrack(track), failed),
      selection.kind === "alarm"
        ? api.alarm(selection.id).then((alarmDetail) => isStill() && this.refresh({ alarmDetail }), failed)
        : null,
    ]);
  }

  private showTrack({ points }: Track): void {
    this.around.map()?.showTrack(points, (at) => this.around.local.time(at).slice(0, 5));
    this.refresh({ trackPoints: points.length });
  }

  private goThere(): void {
    const place = this.known?.vessel ?? this.known?.alarm;
    if (place === undefined || place.lat === null || place.lon === null) this.around.say(t("details.no_position"));
    else this.around.map()?.goTo(place.lon, place.lat);
  }
}
