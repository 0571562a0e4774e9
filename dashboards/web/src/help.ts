// The keys of the page, in a dialog.

import { h } from "./dom";
import { t } from "./words";

const KEYS: readonly (readonly [string, () => string])[] = [
  ["J  K  ↓  ↑", () => t("help.move")],
  ["Enter", () => t("help.open")],
  ["A", () => t("act.acknowledge")],
  ["S", () => t("act.shelve", { minutes: 15 })],
  ["Shift S", () => t("act.shelve", { minutes: 60 })],
  ["U", () => t("act.unshelve")],
  ["C", () => t("act.clear")],
  ["G", () => t("act.assign")],
  ["N", () => t("act.comment")],
  ["/", () => t("help.search")],
  ["M", () => `${t("sound.on")} / ${t("sound.off")}`],
  ["Esc", () => t("help.escape")],
];

export function showHelp(): void {
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-label": t("help.title") },
    h("h2", {}, t("help.title")),
    h("dl", { class: "keys" }, ...KEYS.flatMap(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, words())])),
    h("form", { method: "dialog", class: "buttons" }, h("button", { class: "primary" }, t("help.close"))),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
