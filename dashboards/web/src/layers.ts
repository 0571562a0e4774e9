// The style of the map as a list, from the sea up; what moves is drawn above it (sheet.ts). Names are
// data: expressions, never templates.

import type { LayerSpecification, SourceSpecification } from "maplibre-gl";

import { BASEMAP_SOURCE } from "./basemap";
import type { Palette } from "./palette";

/** The zoom from which zones are named. */
export const ZONES_NAMED_FROM = 8;

const FONT = ["sans-serif"];
const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

export const SOURCES: Record<string, SourceSpecification> = {
  basemap: BASEMAP_SOURCE,
  zones: { type: "geojson", data: EMPTY },
  "zone-names": { type: "geojson", data: EMPTY },
  track: { type: "geojson", data: EMPTY },
};

export function layers(palette: Palette): LayerSpecification[] {
  return [...ground(palette), ...zones(palette), ...track(palette)];
}

function ground(palette: Palette): LayerSpecification[] {
  return [
    { id: "sea", type: "background", paint: { "background-color": palette.sea } },
    {
      id: "land", type: "fill", source: "basemap", "source-layer": "land",
      paint: { "fill-color": palette.land, "fill-antialias": false },
    },
    {
      id: "shore", type: "line", source: "basemap", "source-layer": "land",
      paint: {
        "line-color": palette.shore,
        "line-width": ["interpolate", ["linear"], ["zoom"], 2, 0.5, 12, 1.2],
      },
    },
    {
      id: "border", type: "line", source: "basemap", "source-layer": "border",
      paint: { "line-color": palette.border, "line-width": 0.8, "line-dasharray": [3, 2] },
    },
    {
      id: "port-dot", type: "circle", source: "basemap", "source-layer": "port",
      filter: ["<=", ["get", "min_zoom"], ["zoom"]],
      paint: {
        "circle-radius": 2, "circle-color": palette.land, "circle-stroke-width": 1,
        "circle-stroke-color": palette.port,
      },
    },
  ];
}

function zoneColour(palette: Palette): never {
  const { forbidden, anchorage, port, other } = palette.zone;
  const match = ["match", ["get", "kind"], "forbidden", forbidden, "anchorage", anchorage, "port", port, other];
  return match as never; // the type of a match does not see that its labels alternate
}

function zones(palette: Palette): LayerSpecification[] {
  const colour = zoneColour(palette);
  return [
    {
      id: "zone-fill", type: "fill", source: "zones",
      paint: { "fill-color": colour, "fill-opacity": 0.1 },
    },
    {
      id: "zone-line", type: "line", source: "zones", filter: ["!=", ["get", "kind"], "forbidden"],
      paint: { "line-color": colour, "line-width": 1.2, "line-opacity": 0.8 },
    },
    {
      id: "zone-line-forbidden", type: "line", source: "zones",
      filter: ["==", ["get", "kind"], "forbidden"],
      paint: { "line-color": colour, "line-width": 1.8, "line-dasharray": [3, 1.5] },
    },
    {
      id: "port-name", type: "symbol", source: "basemap", "source-layer": "port",
      filter: ["<=", ["get", "min_zoom"], ["zoom"]],
      layout: {
        "text-field": ["get", "name"], "text-font": FONT, "text-size": 11,
        "text-variable-anchor": ["left", "right", "top"], "text-radial-offset": 0.6,
        "symbol-sort-key": ["get", "rank"], "text-padding": 6,
      },
      paint: { "text-color": palette.port, "text-halo-color": palette.halo, "text-halo-width": 1 },
    },
    {
      id: "zone-name", type: "symbol", source: "zone-names", minzoom: ZONES_NAMED_FROM,
      layout: {
        "text-field": ["get", "name"], "text-font": FONT, "text-size": 11, "text-max-width": 14,
        "text-anchor": "bottom", "text-offset": [0, -0.2],
      },
      paint: {
        "text-color": colour, "text-halo-color": palette.halo, "text-halo-width": 1.4,
      },
    },
  ];
}

function track(palette: Palette): LayerSpecification[] {
  return [
    {
      id: "track-line", type: "line", source: "track", filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-join": "round" },
      paint: { "line-color": palette.track, "line-width": 2, "line-opacity": 0.9 },
    },
    {
      id: "track-point", type: "circle", source: "track", filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": ["case", ["get", "marked"], 3, 1.8], "circle-color": palette.track,
        "circle-stroke-width": 1, "circle-stroke-color": palette.halo,
      },
    },
    {
      id: "track-time", type: "symbol", source: "track",
      filter: ["all", ["==", ["geometry-type"], "Point"], ["get", "marked"]],
      layout: {
        "text-field": ["get", "clock"], "text-font": FONT, "text-size": 10,
        "text-anchor": "left", "text-offset": [0.8, 0],
      },
      paint: { "text-color": palette.track, "text-halo-color": palette.halo, "text-halo-width": 1.2 },
    },
  ];
}
