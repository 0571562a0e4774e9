// A company by the name it was declared with and its number, which alone tells it from others.

import { bdi, h, ltr } from "../dom";
import { plain } from "../text";
import { c } from "./words";

const LONGEST = 256;

/** Name, at most so many signs of it, then number; that nobody declared one is said. */
export function company(declared: string, number: string, most = LONGEST): HTMLElement {
  const name = plain(declared, LONGEST);
  const shown = plain(name, most);
  const dim = (text: string): HTMLElement => h("span", { class: "dim" }, text);
  return h("div", { class: "company", title: name === "" ? null : name },
    name === "" ? dim(c("party.unnamed")) : bdi(shown === name ? name : `${shown}…`), " ",
    number === "" ? dim(c("party.unnumbered")) : ltr(plain(number), "figure dim"));
}
