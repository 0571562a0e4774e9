// Hands files in, shows how far each is, and tells every problem that was found in it.

import { bdi, h, ltr, say, set } from "../dom";
import { plain } from "../text";
import { utc } from "../time";
import { number } from "../words";
import * as api from "./api";
import { lamp } from "./lamps";
import type { Import, Light, Problem } from "./types";
import { c } from "./words";

const LIGHT: Readonly<Record<Import["state"], Light>> = { reading: "amber", taken: "green", refused: "red" };

export class Imports {
  readonly element = h("details", { class: "imports" });
  private readonly file = h("input", { type: "file", "aria-label": c("import.file"), accept: ".edi,.EDI,.txt,.json,.csv,.xlsx,.xml" });
  private readonly progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": c("import.sending") });
  private readonly note = h("p", { role: "status" });
  private readonly list = h("ul");

  constructor(private readonly taken: () => void) {
    this.file.addEventListener("change", () => void this.send());
    this.element.append(h("summary", {}, c("import.title")), h("div", { class: "bar" }, this.file, this.progress, this.note), this.list);
    this.element.addEventListener("toggle", () => void this.refresh());
  }

  get isOpen(): boolean {
    return this.element.open;
  }

  show(imports: readonly Import[]): void {
    const open = new Set([...this.list.querySelectorAll("details[open]")].map((each) => each.getAttribute("data-id")));
    this.list.replaceChildren(...imports.map((each) => row(each, open.has(each.id))));
  }

  async refresh(): Promise<void> {
    if (this.isOpen) await api.imports().then((imports) => this.show(imports), (error: unknown) => this.failed(error));
  }

  private async send(): Promise<void> {
    const file = this.file.files?.[0];
    if (file === undefined) return;
    this.progress.hidden = false;
    say(this.note, c("import.sending"));
    try {
      const done = await api.handIn(file, (share) => set(this.progress, { value: share }));
      say(this.note, c(`import.${done.state}`));
      await this.refresh();
      this.taken();
    } catch (error) {
      this.failed(error);
    } finally {
      this.progress.hidden = true;
      this.file.value = "";
    }
  }

  private failed(error: unknown): void {
    say(this.note, c("import.failed", { reason: plain(error instanceof Error ? error.message : String(error)) }));
  }
}

function row(each: Import, isOpen: boolean): HTMLElement {
  const faults = each.bills.flatMap(({ bill, faults: said = [] }) => said.map((fault) => ({ bill, reason: fault })));
  const told = each.problems.length + each.unlisted_problems;
  return h("li", {}, h("details", { "data-id": each.id, open: isOpen },
    h("summary", {}, lamp(LIGHT[each.state], c(`import.${each.state}`)), " ", bdi(plain(each.name)), " ",
      h("span", { class: "dim" }, c(`import.${each.state}`), " · ", c("import.boxes", { n: number(each.containers) }), " · ",
        c("import.problems", { n: number(told) }), " · ", ltr(utc(new Date(each.at))))),
    each.reason === "" ? null : h("p", { class: "problem" }, bdi(lineOf(each.reason))),
    h("ol", { class: "problems" }, ...[...faults, ...each.problems].map(problem)),
    each.unlisted_problems === 0 ? null : h("p", { class: "dim" }, c("import.more", { n: number(each.unlisted_problems) }))));
}

/** Each part of a problem under its own name: readers of different formats know different parts. */
function problem(each: Problem): HTMLElement {
  const parts = Object.entries(each).filter(([, value]) => value !== "" && value !== null);
  return h("li", {}, ...parts.flatMap(([name, value]) => [
    h("span", { class: "dim" }, `${name.replaceAll("_", " ")} `),
    bdi(lineOf(typeof value === "object" ? JSON.stringify(value) : String(value))), " "]));
}

const lineOf = (text: string): string => text.split(/\s+/).map((word) => plain(word)).join(" ").slice(0, 300);
