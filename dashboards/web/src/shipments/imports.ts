// Hands files in, lets a person choose what is made of them, and says when each has been read.

import { h, say, set } from "../dom";
import { operator, whoActs } from "../operator";
import { plain } from "../text";
import * as api from "./api";
import { report, tally } from "./report";
import type { Import } from "./types";
import { c } from "./words";

const ACTS = ["check", "create"] as const;
type Act = (typeof ACTS)[number];

export class Imports {
  readonly element = h("details", { class: "imports" });
  private readonly file = h("input", { type: "file", class: "spoken", id: "import-file", "aria-describedby": "import-formats" });
  private readonly progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": c("import.sending") });
  private readonly note = h("p", { role: "status" });
  private readonly list = h("ul", { class: "reports", "aria-label": c("import.reports") });
  private readonly acts = new Map(ACTS.map((act) => [act, radio(act)]));
  /** Handed in here, and not read to its end yet. */
  private readonly awaited = new Set<string>();

  constructor(private readonly taken: () => void) {
    this.file.addEventListener("change", () => void this.send());
    this.element.append(
      h("summary", {}, c("import.title")),
      h("fieldset", {}, h("legend", {}, c("import.choice")), ...ACTS.map((act) => this.choice(act))),
      h("div", { class: "bar" },
        h("span", { class: "chooser" }, this.file, h("label", { for: "import-file" }, c("import.choose"))),
        this.progress, this.note),
      h("p", { class: "fine", id: "import-formats" }, c("import.formats")),
      this.list);
    this.element.addEventListener("toggle", () => void this.refresh());
  }

  /** While something of ours is being read. */
  tick(): void {
    if (this.awaited.size > 0) void this.refresh();
  }

  private choice(act: Act): HTMLElement {
    return h("label", { class: "choice" }, this.acts.get(act)!,
      h("span", {}, h("b", {}, c(`import.${act}`)), h("small", {}, c(`import.${act}.does`))));
  }

  private async refresh(): Promise<void> {
    if (!this.element.open) return;
    await api.imports().then((imports) => this.show(imports), (error: unknown) => this.failed(error));
  }

  private show(imports: readonly Import[]): void {
    const ended = imports.filter(({ id, state }) => state !== "reading" && this.awaited.delete(id));
    const open = new Set([...this.list.querySelectorAll("details[open]")].map((each) => each.getAttribute("data-id")));
    for (const { id } of ended) open.add(id);
    const focused = document.activeElement?.closest("[data-id]")?.getAttribute("data-id");
    this.list.replaceChildren(...imports.length === 0
      ? [h("li", { class: "dim" }, c("import.none"))]
      : imports.map((each) => report(each, open.has(each.id))));
    if (focused !== undefined) this.list.querySelector<HTMLElement>(`[data-id="${focused}"] > summary`)?.focus();
    for (const each of ended) say(this.note, `${plain(each.name)}: ${[c(`import.${each.state}`), ...tally(each)].join(" · ")}`);
    if (ended.length > 0) this.taken();
  }

  private async send(): Promise<void> {
    const file = this.file.files?.[0];
    const creates = this.acts.get("create")!.checked;
    const by = creates ? await whoActs() : operator();
    if (file === undefined || by === null) {
      this.file.value = "";
      return;
    }
    this.progress.hidden = false;
    say(this.note, c("import.sending"));
    try {
      const begun = await api.handIn(file, { creates, by }, (share) => set(this.progress, { value: share }));
      this.awaited.add(begun.id);
      say(this.note, c("import.reading"));
      await this.refresh();
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

const radio = (act: Act): HTMLInputElement =>
  h("input", { type: "radio", name: "import-act", value: act, checked: act === "check" });
