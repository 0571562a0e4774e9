// The risk officers' list: the most urgent shipment first, as the server sorts them.

import { bdi, h, ltr, say, set } from "../dom";
import { badge } from "../shapes";
import { plain } from "../text";
import { t } from "../words";
import { hashOf } from "./address";
import { company } from "./companies";
import { untilDue } from "./deadlines";
import { lamp } from "./lamps";
import type { Summary } from "./types";
import { standing } from "./urgency";
import { c, called } from "./words";

export class ShipmentList {
  readonly element: HTMLElement;
  readonly search = h("input", {
    type: "search", placeholder: c("list.search"), "aria-label": c("list.search"), autocomplete: "off",
    spellcheck: "false", "aria-keyshortcuts": "/",
  });
  private readonly table = h("table", { hidden: true });
  private readonly body = h("tbody");
  private readonly count = h("p", { class: "dim", role: "status" });

  constructor(private readonly now: () => number, private readonly sought: (query: string) => void, files: HTMLElement) {
    this.search.addEventListener("input", () => this.sought(this.search.value.trim()));
    const heads = ["standing", "shipment", "vessel", "parties", "state", "due"] as const;
    this.element = h("section", { class: "list", "aria-label": c("list.title") },
      h("div", { class: "bar" }, h("h2", {}, c("list.title")), this.search, this.count), files,
      this.table);
    this.table.append(h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, c(`list.${head}`))))), this.body);
    this.body.addEventListener("keydown", (event) => this.move(event));
    this.body.addEventListener("click", (event) => this.open(event));
  }

  show(shipments: readonly Summary[], isSearch: boolean): void {
    const focused = document.activeElement?.closest("tr")?.dataset["reference"];
    this.body.replaceChildren(...shipments.map((each) => this.row(each)));
    say(this.count, shipments.length === 0 ? c(isSearch ? "list.none" : "list.empty") : c("list.count", { n: shipments.length }));
    set(this.table, { hidden: shipments.length === 0 });
    if (focused !== undefined) this.focus(focused);
  }

  focus(reference: string): void {
    this.links().find((link) => link.closest("tr")?.dataset["reference"] === reference)?.focus();
  }

  tick(): void {
    for (const cell of this.body.querySelectorAll<HTMLElement>("[data-due]")) {
      cell.replaceChildren(...untilDue({ due: cell.dataset["due"]!, done: null, code: cell.dataset["code"]! }, this.now()));
    }
  }

  step(by: 1 | -1): void {
    const links = this.links();
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
  }

  private links(): HTMLAnchorElement[] {
    return [...this.body.querySelectorAll<HTMLAnchorElement>("a.reference")];
  }

  private move(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    this.step(event.key === "ArrowDown" ? 1 : -1);
  }

  /** A click anywhere in a row opens it, but not one that ends the marking of a text. */
  private open({ target }: Event): void {
    if (!(target instanceof Element) || target.closest("a") !== null || getSelection()?.isCollapsed === false) return;
    target.closest("tr")?.querySelector<HTMLAnchorElement>("a.reference")?.click();
  }

  private row(each: Summary): HTMLElement {
    const light = standing(each.severity);
    const worst = each.severity === null ? c("standing.green") : t(`severity.${each.severity}`);
    const due = h("td", { class: "due" });
    if (each.due !== null) {
      set(due, { "data-due": each.due.at, "data-code": each.due.code });
      due.append(...untilDue({ due: each.due.at, done: null, code: each.due.code }, this.now()));
    }
    return h("tr", { class: light, "data-reference": each.reference },
      h("td", {}, h("span", { class: "standing" },
        each.severity === null ? lamp("green", c("light.green")) : badge(each.severity), worst)),
      h("td", {}, h("a", { class: "reference", href: hashOf({ shipment: each.reference, query: "" }) }, ltr(plain(each.acid ?? each.reference))),
        each.acid === null ? null : h("small", {}, ltr(plain(each.reference)))),
      h("td", {}, bdi(plain(each.vessel)), h("small", {}, ltr(plain(each.voyage)))),
      h("td", {}, company(each.importer_name, each.importer), company(each.exporter_name, each.exporter)),
      h("td", {}, called("state", each.state)),
      due);
  }
}
