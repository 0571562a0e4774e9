// The map: the only module that drives MapLibre.

import "maplibre-gl/dist/maplibre-gl.css";

import {
  type GeoJSONSource, type LngLatBoundsLike, Map as MapLibre,
  type MapMouseEvent, NavigationControl, ScaleControl, setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";

import { openBasemap } from "./basemap";
import { Conflator, nextFrame } from "./conflation";
import { type Drawn, drawn, isGone, isMerged, trackFeatures, zoneNames } from "./features";
import { Fleet } from "./fleet";
import { type Bounds, boundsOf } from "./geo";
import { layers, SOURCES, ZONES_NAMED_FROM } from "./layers";
import { drawNames, type Sign } from "./names";
import { drawOutlines } from "./outlines";
import { type Palette, PALETTES, type Theme } from "./palette";
import { Sheet } from "./sheet";
import type { World } from "./state";
import { drawTails } from "./tails";
import type { TrackPoint, Zones } from "./types";
import { type Place, placeOf, type View } from "./view";
import { t } from "./words";

/** The server sends vessels four times a second; the map draws them as often at most. */
const VESSELS_EVERY_MS = 200;
const TAILS_EVERY_MS = 2_000;
const NAMES_EVERY_MS = 500;
const AGES_EVERY_MS = 20_000;
/** The side of the world at zoom 0, CSS pixels. */
const TILE_PX = 512;
/** The card of details covers this much of the map. */
const CARD_PX = 340;

export interface MapEvents {
  picked(subject: string | null): void;
  pointed(lat: number, lon: number): void;
  hovered(text: string | null, x: number, y: number): void;
}

export class LiveMap {
  private readonly map: MapLibre;
  private readonly fleet: Fleet;
  private readonly tails: Sheet;
  private readonly vessels: Sheet;
  private readonly names: Sheet;
  private readonly naming: Conflator<"names">;
  private readonly changes: Conflator<string>;
  private palette: Palette;
  private selected: string | null = null;
  private signs: readonly Sign[] = [];
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
    this.fleet = new Fleet(this.palette);
    const above = this.map.getCanvasContainer();
    this.tails = new Sheet(above, "tails", (pen, view) => {
      drawOutlines(pen, view, this.fleet.all(), this.palette);
      drawTails(pen, view, this.fleet.all(), this.world, this.palette.normal);
    });
    this.vessels = new Sheet(above, "vessels", (pen, view) => this.fleet.draw(pen, view, this.selected));
    this.names = new Sheet(above, "names", (pen, view) => drawNames(pen, view, this.fleet.all(), view.zoom < ZONES_NAMED_FROM ? [] : this.signs, this.palette));
    this.naming = new Conflator(() => this.redraw(this.names), nextFrame, NAMES_EVERY_MS);
    this.changes = new Conflator((subjects) => this.draw(subjects), nextFrame, VESSELS_EVERY_MS);
    this.addControls();
    this.ready = new Promise((resolve) => this.map.once("load", () => resolve()));
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
    const signs = zoneNames(zones);
    void this.source("zone-names").setData(signs);
    this.signs = signs.features.map(({ geometry, properties }) => ({ ...placeOf(geometry.coordinates[0]!, geometry.coordinates[1]!), name: properties.name }));
  }

  showTrack(points: readonly TrackPoint[], clock: (at: Date) => string): void {
    void this.source("track").setData(trackFeatures(points, clock));
  }

  select(subject: string | null): void {
    this.selected = subject;
    void this.redraw(this.vessels);
  }

  setTheme(theme: Theme): void {
    this.palette = PALETTES[theme];
    for (const layer of layers(this.palette)) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        this.map.setPaintProperty(layer.id, name as never, value as never); // any layer, any of its paints
      }
    }
    this.fleet.recolour(this.palette);
    this.redrawAll();
  }

  goTo(lon: number, lat: number, zoom = 11): void {
    const shift = document.documentElement.dir === "rtl" ? -CARD_PX / 2 : CARD_PX / 2;
    const isWide = this.map.getContainer().clientWidth > 1.5 * CARD_PX;
    this.map.easeTo({
      center: [lon, lat], zoom: Math.max(this.map.getZoom(), zoom), duration: 600,
      offset: [isWide ? shift : 0, 0],
    });
  }

  /** Show the surroundings of a place, at once. */
  look(lon: number, lat: number, zoom: number): void {
    this.map.jumpTo({ center: [lon, lat], zoom });
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
    this.reloaded();
    this.map.on("render", () => this.redrawAll());
    setInterval(() => void this.redraw(this.tails), TAILS_EVERY_MS);
    setInterval(() => this.changed(this.world.vessels.keys()), AGES_EVERY_MS);
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
      if (vessel === undefined || isGone(this.world, vessel, now) || isMerged(this.world, subject)) {
        isOther = this.fleet.remove(subject) || isOther;
        continue;
      }
      const after = drawn(this.world, vessel, now);
      if (same(this.fleet.get(subject), after)) continue;
      this.fleet.put(after);
      isOther = true;
    }
    if (!isOther) return;
    this.naming.add(["names"]);
    await this.redraw(this.vessels);
  }

  /** Draw, and wait until the browser is ready for the next frame: only then is it shown. */
  private async redraw(sheet: Sheet): Promise<void> {
    sheet.redraw(this.view, this.map.getPixelRatio());
    await new Promise<void>((resolve) => nextFrame(resolve));
  }

  /** With the map, in the same frame. */
  private redrawAll(): void {
    const { view } = this;
    for (const sheet of [this.tails, this.vessels, this.names]) sheet.redraw(view, this.map.getPixelRatio());
  }

  private get view(): View {
    const { lng, lat } = this.map.getCenter();
    const zoom = this.map.getZoom();
    const { clientWidth: width, clientHeight: height } = this.map.getCanvas();
    return { zoom, middle: placeOf(lng, lat), world: TILE_PX * 2 ** zoom, width, height };
  }

  private vesselAt({ point }: MapMouseEvent): string | null {
    return this.fleet.at(this.view, point.x, point.y);
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

const same = (a: Drawn | undefined, b: Drawn): boolean =>
  a !== undefined && a.x === b.x && a.y === b.y && a.direction === b.direction
  && a.age === b.age && a.label === b.label && a.level === b.level && sameOutline(a.outline, b.outline);

const sameOutline = (a: readonly Place[], b: readonly Place[]): boolean =>
  a.length === b.length && a.every(({ x, y }, corner) => x === b[corner]!.x && y === b[corner]!.y);

function pointText(properties: Record<string, unknown>): string {
  const speed = properties["speed"];
  const at = String(properties["at"]).slice(0, 19).replace("T", " ");
  return typeof speed === "number" ? `${at}Z  ${speed.toFixed(1)} ${t("unit.kn")}` : `${at}Z`;
}
