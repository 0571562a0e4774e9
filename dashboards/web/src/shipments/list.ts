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

/** Of a company's name in a row; all of it is in the title and on the page of the shipment. */
const NAME_SIGNS = 48;

export class ShipmentList {
  readonly element: HTMLElement;
  readonly search = h("input", {
    type: "search", placeholder: c("list.search"), "aria-label": c("list.search"), autocomplete: "off",
    spellcheck: "false", "aria-keyshortcuts": "/",
  });
  private readonly table = h("table", { hidden: true });
  private readonly body = h("tbody");
  private answered = "";
  private readonly count = h("p", { class: "dim", role: "status" });

  constructor(private readonly now: () => number, private readonly sought: (query: string) => void, files: HTMLElement) {
    this.search.addEventListener("input", () => this.sought(this.search.value.trim()));
    this.search.addEventListener("keydown", (event) => this.leave(event));
    const heads = ["standing", "shipment", "vessel", "parties", "state", "due"] as const;
    this.element = h("section", { class: "list", "aria-label": c("list.title") },
      h("div", { class: "bar" }, h("h2", {}, c("list.title")), this.search, this.count), files,
      this.table);
    this.table.append(h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, c(`list.${head}`))))), this.body);
    this.body.addEventListener("keydown", (event) => this.move(event));
    this.body.addEventListener("click", (event) => this.open(event));
  }

  show(shipments: readonly Summary[], query: string): void {
    this.answered = query;
    const focused = document.activeElement?.closest("tr")?.dataset["reference"];
    this.body.replaceChildren(...shipments.map((each) => this.row(each)));
    say(this.count, shipments.length === 0 ? c(query === "" ? "list.empty" : "list.none") : c("list.count", { n: shipments.length }));
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

  /** From the search into what was found: to its first row, or into the only shipment. */
  private leave(event: KeyboardEvent): void {
    const [first, ...others] = this.links();
    if (first === undefined || this.answered !== this.search.value.trim() || (event.key !== "ArrowDown" && event.key !== "Enter")) return;
    event.preventDefault();
    first.focus();
    if (event.key === "Enter" && others.length === 0) first.click();
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
    const calm = each.is_judged ? [lamp("green", c("light.green")), c("standing.green")] : [h("span", { class: "dim" }, c("reasons.unasked"))];
    const due = h("td", { class: "due" });
    if (each.due !== null) {
      set(due, { "data-due": each.due.at, "data-code": each.due.code });
      due.append(...untilDue({ due: each.due.at, done: null, code: each.due.code }, this.now()));
    }
    return h("tr", { class: light, "data-reference": each.reference },
      h("td", {}, h("span", { class: "standing" },
        ...each.severity === null ? calm : [badge(each.severity), t(`severity.${each.severity}`)])),
      h("td", {}, h("a", { class: "reference", href: hashOf({ shipment: each.reference, query: "" }) }, ltr(plain(each.acid ?? each.reference))),
        each.acid === null ? null : h("small", {}, ltr(plain(each.reference)))),
      h("td", {}, bdi(plain(each.vessel)), h("small", {}, ltr(plain(each.voyage)))),
      h("td", {}, company(each.importer_name, each.importer, NAME_SIGNS), company(each.exporter_name, each.exporter, NAME_SIGNS)),
      h("td", {}, called("state", each.state)),
      due);
  }
}
