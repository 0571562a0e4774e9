// The colours of the map, dark and light. The page's own are in style.css; severities agree.

import type { Severity } from "./types";

export type Theme = "dark" | "light";

export interface Palette {
  readonly sea: string;
  readonly land: string;
  readonly shore: string;
  readonly border: string;
  readonly port: string;
  readonly text: string;
  readonly halo: string;
  readonly ink: string;
  readonly normal: string;
  readonly track: string;
  readonly selected: string;
  readonly zone: Readonly<Record<"forbidden" | "anchorage" | "port" | "other", string>>;
  readonly severity: Readonly<Record<Severity, string>>;
}

/** Told apart by lightness and by blue against yellow, so also by the colour-blind; each severity
 * has a shape and a number besides. */
export const PALETTES: Readonly<Record<Theme, Palette>> = {
  dark: {
    sea: "#0a131c", land: "#1b2630", shore: "#3d5163", border: "#4a5a6a", port: "#8598a9",
    text: "#c9d5e0", halo: "#0a131c", ink: "#0a131c", normal: "#7cc4ae", track: "#9fd8ff",
    selected: "#ffffff",
    zone: { forbidden: "#ff6b8f", anchorage: "#6fa8dc", port: "#a3b1bf", other: "#b9a3e3" },
    severity: {
      CRITICAL: "#ff4d8d", MAJOR: "#ff9130", MINOR: "#ffd84d",
      WARNING: "#5fb8ff", INDETERMINATE: "#b4bfca",
    },
  },
  light: {
    sea: "#d3e2ec", land: "#f6f3ec", shore: "#8aa0b2", border: "#a9a294", port: "#566675",
    text: "#22303c", halo: "#ffffff", ink: "#ffffff", normal: "#17705b", track: "#0b5cad",
    selected: "#101820",
    zone: { forbidden: "#b8003f", anchorage: "#1f5f9e", port: "#5a6875", other: "#5f3dc4" },
    severity: {
      CRITICAL: "#b80053", MAJOR: "#b84700", MINOR: "#7d6200",
      WARNING: "#005fae", INDETERMINATE: "#56616d",
    },
  },
};
