// The map: the only module that drives MapLibre.

import "maplibre-gl/dist/maplibre-gl.css";

import {
  type GeoJSONFeatureDiff, type GeoJSONSource, type LngLatBoundsLike, Map as MapLibre,
  type MapMouseEvent, NavigationControl, ScaleControl, setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";

import { openBasemap } from "./basemap";
import { Conflator, nextFrame } from "./conflation";
import { type Drawn, tailFeatures, trackFeatures, vesselFeature } from "./features";
import { type Bounds, boundsOf } from "./geo";
import { layers, SOURCES, VESSELS } from "./layers";
import { type Palette, PALETTES, type Theme } from "./palette";
import type { World } from "./state";
import { RATIO, symbols } from "./symbols";
import type { TrackPoint, Zones } from "./types";
import { t } from "./words";

/** The server sends vessels four times a second; the map draws them as often at most. */
const VESSELS_EVERY_MS = 200;
const TAILS_EVERY_MS = 2_000;
const TAILS_SHOWN = 1_000;
const AGES_EVERY_MS = 20_000;
/** How far from a symbol a click still means it, CSS pixels. */
const REACH = 8;

export interface MapEvents {
  picked(subject: string | null): void;
  pointed(lat: number, lon: number): void;
  hovered(text: string | null, x: number, y: number): void;
}

export class LiveMap {
  private readonly map: MapLibre;
  private readonly drawn = new Map<string, Drawn & { lon: number; lat: number }>();
  private readonly changes: Conflator<string>;
  private palette: Palette;
  private selected: string | null = null;
  readonly ready: Promise<void>;

  constructor(
    container: HTMLElement,
    private readonly world: World,
    private readonly now: () => number,
    private readonly events: MapEvents,
    theme: Theme,
  ) {
    setWorkerUrl(workerUrl);
    this.palette = PALETTES[theme];
    this.map = new MapLibre({
      container,
      style: { version: 8, sources: SOURCES, layers: layers(this.palette) },
      hash: "map",
      center: [129.1, 35.0],
      zoom: 3,
      maxZoom: 17,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      locale: {
        "NavigationControl.ZoomIn": t("map.zoom_in"),
        "NavigationControl.ZoomOut": t("map.zoom_out"),
        "Map.Title": t("map.label"),
      },
    });
    this.map.touchZoomRotate.disableRotation();
    this.changes = new Conflator((subjects) => this.draw(subjects), nextFrame, VESSELS_EVERY_MS);
    this.addControls();
    this.ready = new Promise((resolve) => this.map.once("load", () => resolve()));
    this.addSymbols();
    void this.ready.then(() => this.begin());
  }

  /** Open the base map's archive; false if there is none. */
  static openBasemap(): Promise<boolean> {
    return openBasemap(new URL("map/basemap.pmtiles", document.baseURI).href);
  }

  /** Whether the address said where to look; from then on it always does. */
  readonly hasView = new URLSearchParams(location.hash.slice(1)).has("map");

  changed(subjects: Iterable<string>): void {
    this.changes.add(subjects);
  }

  /** Forget what is no longer in the world, after it was loaded anew. */
  reloaded(): void {
    for (const subject of this.drawn.keys()) if (!this.world.vessels.has(subject)) this.changed([subject]);
    this.changed(this.world.vessels.keys());
  }

  showZones(zones: Zones): void {
    void this.source("zones").setData(zones);
  }

  showTrack(points: readonly TrackPoint[], clock: (at: Date) => string): void {
    void this.source("track").setData(trackFeatures(points, clock));
  }

  select(subject: string | null): void {
    this.selected = subject;
    this.ring();
  }

  setTheme(theme: Theme): void {
    this.palette = PALETTES[theme];
    for (const layer of layers(this.palette)) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        this.map.setPaintProperty(layer.id, name as never, value as never); // any layer, any of its paints
      }
    }
    this.addSymbols();
  }

  goTo(lon: number, lat: number, zoom = 11): void {
    this.map.easeTo({ center: [lon, lat], zoom: Math.max(this.map.getZoom(), zoom), duration: 600 });
  }

  fit(bounds: Bounds, maxZoom = 12): void {
    const box: LngLatBoundsLike = [bounds.west, bounds.south, bounds.east, bounds.north];
    this.map.fitBounds(box, { padding: 60, maxZoom, duration: 900 });
  }

  fitAll(): void {
    const vessels = [...this.world.vessels.values()];
    const bounds = boundsOf(vessels.map((vessel) => [vessel.lon, vessel.lat] as const));
    if (bounds !== null) this.fit(bounds);
  }

  resize(): void {
    this.map.resize();
  }

  private begin(): void {
    this.reloaded();
    setInterval(() => this.drawTails(), TAILS_EVERY_MS);
    setInterval(() => this.changed(this.world.vessels.keys()), AGES_EVERY_MS);
    this.map.on("moveend", () => this.drawTails());
    this.map.on("click", (event) => this.events.picked(this.vesselAt(event)));
    this.map.on("mousemove", (event) => {
      this.events.pointed(event.lngLat.lat, event.lngLat.lng);
    });
    this.map.on("mouseenter", VESSELS, () => this.cursor("pointer"));
    this.map.on("mouseleave", VESSELS, () => this.cursor(""));
    this.map.on("mousemove", "track-point", (event) => {
      const properties = event.features?.[0]?.properties;
      if (properties !== undefined) this.events.hovered(pointText(properties), event.point.x, event.point.y);
    });
    this.map.on("mouseleave", "track-point", () => this.events.hovered(null, 0, 0));
  }

  private async draw(subjects: ReadonlySet<string>): Promise<void> {
    await this.ready;
    const now = this.now();
    const add: GeoJSON.Feature[] = [];
    const update: GeoJSONFeatureDiff[] = [];
    const remove: string[] = [];
    for (const subject of subjects) {
      const vessel = this.world.vessels.get(subject);
      const before = this.drawn.get(subject);
      if (vessel === undefined) {
        this.drawn.delete(subject);
        remove.push(subject);
        continue;
      }
      const feature = vesselFeature(this.world, vessel, now);
      const after = { ...feature.properties, lon: vessel.lon, lat: vessel.lat };
      this.drawn.set(subject, after);
      if (before === undefined) add.push(feature);
      else if (!same(before, after)) update.push(difference(feature, before, after));
    }
    if (add.length + update.length + remove.length === 0) return;
    await this.source("vessels").updateData({ add, update, remove });
    if (this.selected !== null && subjects.has(this.selected)) this.ring();
  }

  private drawTails(): void {
    const box = this.map.getBounds();
    const bounds = { west: box.getWest(), south: box.getSouth(), east: box.getEast(), north: box.getNorth() };
    const isNear = this.map.getZoom() >= 7;
    void this.source("tails").setData(tailFeatures(this.world, bounds, isNear ? TAILS_SHOWN : 0));
  }

  private ring(): void {
    const vessel = this.selected === null ? undefined : this.world.vessels.get(this.selected);
    void this.source("selected").setData(
      vessel === undefined
        ? { type: "FeatureCollection", features: [] }
        : { type: "Point", coordinates: [vessel.lon, vessel.lat] },
    );
  }

  private vesselAt({ point }: MapMouseEvent): string | null {
    const found = this.map.queryRenderedFeatures(
      [[point.x - REACH, point.y - REACH], [point.x + REACH, point.y + REACH]],
      { layers: [VESSELS] },
    );
    const subjects = found.map((feature) => String(feature.properties["subject"]));
    const distance = (subject: string): number => {
      const vessel = this.world.vessels.get(subject);
      if (vessel === undefined) return Infinity;
      const place = this.map.project([vessel.lon, vessel.lat]);
      return Math.hypot(place.x - point.x, place.y - point.y);
    };
    return subjects.sort((a, b) => distance(a) - distance(b))[0] ?? null;
  }

  private addSymbols(): void {
    for (const [name, image] of symbols(this.palette)) {
      if (this.map.hasImage(name)) this.map.updateImage(name, image);
      else this.map.addImage(name, image, { pixelRatio: RATIO });
    }
  }

  private addControls(): void {
    const isRtl = document.documentElement.dir === "rtl";
    const [start, end] = isRtl ? (["right", "left"] as const) : (["left", "right"] as const);
    this.map.addControl(new NavigationControl({ showCompass: false }), `bottom-${end}`);
    this.map.addControl(new ScaleControl({ unit: "nautical", maxWidth: 110 }), `bottom-${start}`);
    this.map.addControl(new ScaleControl({ unit: "metric", maxWidth: 110 }), `bottom-${start}`);
  }

  private source(name: string): GeoJSONSource {
    return this.map.getSource(name) as GeoJSONSource;
  }

  private cursor(kind: string): void {
    this.map.getCanvas().style.cursor = kind;
  }
}

type Placed = Drawn & { lon: number; lat: number };

const same = (a: Placed, b: Placed): boolean =>
  a.lon === b.lon && a.lat === b.lat && a.symbol === b.symbol && a.rotation === b.rotation
  && a.age === b.age && a.label === b.label && a.level === b.level;

function difference(feature: GeoJSON.Feature<GeoJSON.Point, Drawn>, before: Placed, after: Placed): GeoJSONFeatureDiff {
  const names = ["symbol", "rotation", "level", "age", "label", "order"] as const;
  return {
    id: after.subject,
    newGeometry: feature.geometry,
    addOrUpdateProperties: names
      .filter((name) => before[name] !== after[name])
      .map((key) => ({ key, value: after[key] })),
  };
}

function pointText(properties: Record<string, unknown>): string {
  const speed = properties["speed"];
  const at = String(properties["at"]).slice(0, 19).replace("T", " ");
  return typeof speed === "number" ? `${at}Z  ${speed.toFixed(1)} ${t("unit.kn")}` : `${at}Z`;
}
