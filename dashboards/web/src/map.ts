// The map: the only module that drives MapLibre.

import "maplibre-gl/dist/maplibre-gl.css";

import {
  type GeoJSONSource, type LngLatBoundsLike, Map as MapLibre,
  type MapMouseEvent, NavigationControl, ScaleControl, setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";

import { openBasemap } from "./basemap";
import { Conflator, nextFrame } from "./conflation";
import { nameFeatures, tailFeatures, trackFeatures, vesselFeature } from "./features";
import { Fleet, type Placed } from "./fleet";
import { type Bounds, boundsOf, contains } from "./geo";
import { ABOVE_VESSELS, layers, SOURCES } from "./layers";
import { type Palette, PALETTES, type Theme } from "./palette";
import type { World } from "./state";
import { RATIO, symbols } from "./symbols";
import type { TrackPoint, Zones } from "./types";
import { t } from "./words";

/** The server sends vessels four times a second; the map draws them as often at most. */
const VESSELS_EVERY_MS = 200;
const TAILS_EVERY_MS = 2_000;
const NAMES_EVERY_MS = 500;
const NAMES_SHOWN = 250;
const NAMES_FROM_ZOOM = 11;
const TAILS_SHOWN = 1_000;
const AGES_EVERY_MS = 20_000;
/** The card of details covers this much of the map. */
const CARD_PX = 340;
/** How far from a symbol a click still means it, CSS pixels. */
const REACH = 10;

export interface MapEvents {
  picked(subject: string | null): void;
  pointed(lat: number, lon: number): void;
  hovered(text: string | null, x: number, y: number): void;
}

export class LiveMap {
  private readonly map: MapLibre;
  private readonly fleet: Fleet;
  private readonly naming: Conflator<"names">;
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
      maxPitch: 0,
      renderWorldCopies: false,
      fadeDuration: 0,
      locale: {
        "NavigationControl.ZoomIn": t("map.zoom_in"),
        "NavigationControl.ZoomOut": t("map.zoom_out"),
        "Map.Title": t("map.label"),
      },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.fleet = new Fleet(symbols(this.palette));
    this.naming = new Conflator(() => this.drawNames(), nextFrame, NAMES_EVERY_MS);
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
    for (const { subject } of this.fleet.all()) if (!this.world.vessels.has(subject)) this.changed([subject]);
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
    this.fleet.recolour(symbols(this.palette));
  }

  goTo(lon: number, lat: number, zoom = 11): void {
    const shift = document.documentElement.dir === "rtl" ? -CARD_PX / 2 : CARD_PX / 2;
    const isWide = this.map.getContainer().clientWidth > 2 * CARD_PX;
    this.map.easeTo({
      center: [lon, lat], zoom: Math.max(this.map.getZoom(), zoom), duration: 600,
      offset: [isWide ? shift : 0, 0],
    });
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

  /** Resolves when the map has stopped moving and shows what it has. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.map.isMoving() || !this.map.areTilesLoaded()) setTimeout(look, 200);
        else resolve();
      };
      setTimeout(look, 200);
    });
  }

  resize(): void {
    this.map.resize();
  }

  private begin(): void {
    this.map.addLayer(this.fleet, ABOVE_VESSELS);
    this.reloaded();
    setInterval(() => this.drawTails(), TAILS_EVERY_MS);
    setInterval(() => this.changed(this.world.vessels.keys()), AGES_EVERY_MS);
    this.map.on("moveend", () => {
      this.drawTails();
      this.naming.add(["names"]);
    });
    this.map.on("click", (event) => this.events.picked(this.vesselAt(event)));
    this.map.on("mousemove", (event) => {
      this.events.pointed(event.lngLat.lat, event.lngLat.lng);
      this.cursor(this.vesselAt(event) === null ? "" : "pointer");
    });
    this.map.on("mousemove", "track-point", (event) => {
      const properties = event.features?.[0]?.properties;
      if (properties !== undefined) this.events.hovered(pointText(properties), event.point.x, event.point.y);
    });
    this.map.on("mouseleave", "track-point", () => this.events.hovered(null, 0, 0));
  }

  private async draw(subjects: ReadonlySet<string>): Promise<void> {
    await this.ready;
    const now = this.now();
    let isOther = false;
    for (const subject of subjects) {
      const vessel = this.world.vessels.get(subject);
      if (vessel === undefined) {
        this.fleet.remove(subject);
        isOther = true;
        continue;
      }
      const after = { ...vesselFeature(this.world, vessel, now).properties, lon: vessel.lon, lat: vessel.lat };
      if (same(this.fleet.get(subject), after)) continue;
      this.fleet.put(after);
      isOther = true;
    }
    if (!isOther) return;
    this.naming.add(["names"]);
    if (this.selected !== null && subjects.has(this.selected)) this.ring();
    await this.repainted();
  }

  /** Paint, and wait until the browser is ready for the next frame: only then is it shown. */
  private async repainted(): Promise<void> {
    const painted = new Promise<void>((resolve) => void this.map.once("render", () => resolve()));
    this.fleet.repaint();
    await painted;
    await new Promise<void>((resolve) => nextFrame(resolve));
  }

  private async drawNames(): Promise<void> {
    await this.ready;
    const limit = this.map.getZoom() < NAMES_FROM_ZOOM ? 0 : NAMES_SHOWN;
    await this.source("names").setData(nameFeatures(this.fleet.all(), this.inSight, limit));
    await this.repainted();
  }

  private get inSight(): Bounds {
    const box = this.map.getBounds();
    return { west: box.getWest(), south: box.getSouth(), east: box.getEast(), north: box.getNorth() };
  }

  private drawTails(): void {
    const isNear = this.map.getZoom() >= 7;
    void this.source("tails").setData(tailFeatures(this.world, this.inSight, isNear ? TAILS_SHOWN : 0));
  }

  private ring(): void {
    const vessel = this.selected === null ? undefined : this.world.vessels.get(this.selected);
    void this.source("selected").setData(
      vessel === undefined
        ? { type: "FeatureCollection", features: [] }
        : { type: "Point", coordinates: [vessel.lon, vessel.lat] },
    );
  }

  /** The nearest vessel under the pointer: a box of degrees first, for there may be thousands. */
  private vesselAt({ point }: MapMouseEvent): string | null {
    const corner = this.map.unproject([point.x - REACH, point.y + REACH]);
    const other = this.map.unproject([point.x + REACH, point.y - REACH]);
    const box = { west: corner.lng, south: corner.lat, east: other.lng, north: other.lat };
    let nearest: string | null = null;
    let least = Infinity;
    for (const { subject, lon, lat } of this.fleet.all()) {
      if (!contains(box, lon, lat)) continue;
      const place = this.map.project([lon, lat]);
      const distance = Math.hypot(place.x - point.x, place.y - point.y);
      if (distance < least) [nearest, least] = [subject, distance];
    }
    return nearest;
  }

  private addSymbols(): void {
    for (const [name, image] of symbols(this.palette)) {
      if (!name.startsWith("badge")) continue; // the others are the fleet's
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

const same = (a: Placed | undefined, b: Placed): boolean =>
  a !== undefined && a.lon === b.lon && a.lat === b.lat && a.symbol === b.symbol && a.rotation === b.rotation
  && a.age === b.age && a.label === b.label && a.level === b.level;

function pointText(properties: Record<string, unknown>): string {
  const speed = properties["speed"];
  const at = String(properties["at"]).slice(0, 19).replace("T", " ");
  return typeof speed === "number" ? `${at}Z  ${speed.toFixed(1)} ${t("unit.kn")}` : `${at}Z`;
}
