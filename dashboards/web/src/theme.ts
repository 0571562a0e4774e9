// Dark or light: as the system says unless the operator chose.

import type { Theme } from "./palette";

const KEY = "haechi.theme";
export const CHOICES = ["auto", "dark", "light"] as const;
export type Choice = (typeof CHOICES)[number];

const light = matchMedia("(prefers-color-scheme: light)");

export function choice(): Choice {
  const kept = localStorage.getItem(KEY);
  return CHOICES.find((each) => each === kept) ?? "auto";
}

export function theme(): Theme {
  const chosen = choice();
  if (chosen !== "auto") return chosen;
  return light.matches ? "light" : "dark";
}

export function choose(chosen: string): void {
  localStorage.setItem(KEY, chosen);
}

export function onSystemChange(run: () => void): void {
  light.addEventListener("change", run);
}
