// A company by the name it was declared with and its number, which alone tells it from others.

import { bdi, h, ltr } from "../dom";
import { plain } from "../text";
import { c } from "./words";

const LONGEST = 256;

/** Name and number, each on its line; that nobody declared one is said. */
export function company(declared: string, number: string): HTMLElement[] {
  const name = plain(declared, LONGEST);
  return [
    name === "" ? h("span", { class: "dim" }, c("party.unnamed")) : h("span", { class: "name", title: name }, bdi(name)),
    h("small", {}, number === "" ? c("party.unnumbered") : ltr(plain(number))),
  ];
}
