// The declared route against the track, on the same base map as the live map; loaded when first shown.

import "maplibre-gl/dist/maplibre-gl.css";

import { type GeoJSONSource, type LayerSpecification, Map as MapLibre, NavigationControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";

import { openBasemap } from "../basemap";
import { trackFeatures } from "../features";
import { boundsOf } from "../geo";
import { layers, SOURCES } from "../layers";
import { type Palette, PALETTES, type Theme } from "../palette";
import type { TrackPoint } from "../types";
import { t } from "../words";
import type { Voyage } from "./types";

const FONT = ["sans-serif"];

export class RouteMap {
  private readonly map: MapLibre;
  private readonly ready: Promise<void>;
  private isFitted = false;

  constructor(container: HTMLElement, theme: Theme) {
    setWorkerUrl(workerUrl);
    void openBasemap(new URL("map/basemap.pmtiles", document.baseURI).href);
    const palette = PALETTES[theme];
    this.map = new MapLibre({
      container,
      style: {
        version: 8,
        sources: { ...SOURCES, route: { type: "geojson", data: { type: "FeatureCollection", features: [] } } },
        layers: [...layers(palette), ...route(palette)],
      },
      center: [80, 25], zoom: 1.5, maxZoom: 14, attributionControl: false, dragRotate: false,
      pitchWithRotate: false, maxPitch: 0, renderWorldCopies: false, fadeDuration: 0,
      locale: { "NavigationControl.ZoomIn": t("map.zoom_in"), "NavigationControl.ZoomOut": t("map.zoom_out") },
    });
    this.map.addControl(new NavigationControl({ showCompass: false }), document.documentElement.dir === "rtl" ? "bottom-left" : "bottom-right");
    this.ready = new Promise((resolve) => this.map.once("load", () => resolve()));
  }

  async show(voyage: Voyage | null, track: readonly TrackPoint[], clock: (at: Date) => string): Promise<void> {
    await this.ready;
    void this.source("route").setData(declared(voyage));
    void this.source("track").setData(trackFeatures(track, clock));
    const line = (voyage?.route ?? []).map(([lon, lat]) => [lon, lat] as const);
    const bounds = boundsOf([...line, ...track.map(([lon, lat]) => [lon, lat] as const)]);
    if (this.isFitted || bounds === null) return;
    this.isFitted = true;
    this.map.fitBounds([bounds.west, bounds.south, bounds.east, bounds.north], { padding: 30, maxZoom: 9, duration: 0 });
  }

  setTheme(theme: Theme): void {
    const palette = PALETTES[theme];
    for (const layer of [...layers(palette), ...route(palette)]) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        this.map.setPaintProperty(layer.id, name as never, value as never); // any layer, any of its paints
      }
    }
  }

  close(): void {
    this.map.remove();
  }

  private source(name: string): GeoJSONSource {
    return this.map.getSource(name) as GeoJSONSource;
  }
}

function declared(voyage: Voyage | null): GeoJSON.FeatureCollection {
  const line = (voyage?.route ?? []).map((place) => [...place]);
  const calls = (voyage?.calls ?? []).flatMap(({ port, lat, lon }): GeoJSON.Feature[] =>
    lat == null || lon == null ? [] : [{ type: "Feature", properties: { port }, geometry: { type: "Point", coordinates: [lon, lat] } }]);
  const path: GeoJSON.Feature[] = line.length < 2
    ? [] : [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } }];
  return { type: "FeatureCollection", features: [...path, ...calls] };
}

/** What was declared is dashed, what was seen is drawn through. */
function route(palette: Palette): LayerSpecification[] {
  return [
    {
      id: "route-line", type: "line", source: "route", filter: ["==", ["geometry-type"], "LineString"],
      paint: { "line-color": palette.zone.other, "line-width": 2.2, "line-dasharray": [2, 1.6] },
    },
    {
      id: "route-call", type: "circle", source: "route", filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 4.5, "circle-color": palette.sea, "circle-stroke-width": 2, "circle-stroke-color": palette.zone.other },
    },
    {
      id: "route-port", type: "symbol", source: "route", filter: ["==", ["geometry-type"], "Point"],
      layout: { "text-field": ["get", "port"], "text-font": FONT, "text-size": 11, "text-offset": [0, 1.2] },
      paint: { "text-color": palette.text, "text-halo-color": palette.halo, "text-halo-width": 1.4 },
    },
  ];
}
