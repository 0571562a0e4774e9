// The browser's tab says how many alarms wait, for operators who look elsewhere.

import { rank } from "./state";
import type { Severity } from "./types";
import { t } from "./words";

const PLAIN = "#7cc4ae";

/** Show the number of waiting alarms in the title and on the icon, in the worst one's colour. */
export function showInTab(waiting: readonly Severity[], colours: Readonly<Record<Severity, string>>): void {
  const worst = [...waiting].sort((a, b) => rank(a) - rank(b))[0];
  document.title = waiting.length === 0 ? t("app.title") : `(${waiting.length}) ${t("app.title")}`;
  const icon = document.getElementById("favicon");
  icon?.setAttribute("href", picture(waiting.length, worst === undefined ? PLAIN : colours[worst]));
}

function picture(count: number, colour: string): string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const pen = canvas.getContext("2d");
  if (pen === null) return "data:,";
  pen.fillStyle = colour;
  pen.beginPath();
  pen.roundRect(2, 2, 60, 60, 14);
  pen.fill();
  pen.fillStyle = "#0a131c";
  pen.font = `800 ${count > 99 ? 28 : 40}px sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(count === 0 ? "H" : count > 99 ? "99+" : String(count), 32, 35);
  return canvas.toDataURL("image/png");
}
