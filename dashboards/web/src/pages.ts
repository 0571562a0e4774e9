// The ways between the pages, the same on each.

import { h } from "./dom";
import { t } from "./words";

const PAGES = [["map", "./", () => t("nav.map")], ["shipments", "shipments.html", () => t("details.shipments")]] as const;

export const pages = (here: (typeof PAGES)[number][0]): HTMLElement =>
  h("nav", { "aria-label": t("nav.pages") }, ...PAGES.map(([page, href, name]) =>
    h("a", { href: page === here ? "#" : href, "aria-current": page === here ? "page" : null }, name())));
