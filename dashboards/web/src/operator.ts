// Who is at this desk: asked once, kept in this browser. There is no login yet, and the page says so.

import { h } from "./dom";
import { t } from "./words";

const KEY = "haechi.operator";

export const operator = (): string => localStorage.getItem(KEY) ?? "";

/** Ask for the name; resolves to it, or to null if the operator would rather not. */
export function askOperator(): Promise<string | null> {
  const name = h("input", {
    type: "text", name: "name", required: true, maxlength: 64, autocomplete: "name",
    value: operator(), "aria-describedby": "operator-why",
  });
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-label": t("operator.ask") },
    h(
      "form",
      { method: "dialog" },
      h("label", {}, h("span", {}, t("operator.ask")), name),
      h("p", { id: "operator-why" }, t("operator.explain")),
      h(
        "div",
        { class: "buttons" },
        h("button", { value: "cancel", formnovalidate: true }, t("operator.cancel")),
        h("button", { value: "save", class: "primary" }, t("operator.save")),
      ),
    ),
  );
  document.body.append(dialog);
  // The first submit button is what Enter presses; here that must be the one that saves.
  name.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (name.reportValidity()) dialog.close("save");
  });
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const said = name.value.trim();
      const isSaved = dialog.returnValue === "save" && said !== "";
      if (isSaved) localStorage.setItem(KEY, said);
      dialog.remove();
      resolve(isSaved ? said : null);
    });
  });
}

/** The name, asked for if it is not known yet. */
export const whoActs = async (): Promise<string | null> => operator() || askOperator();
