// Builds elements. Text is only ever text: nothing here, or anywhere, parses markup.

type Child = Node | string | null;

export interface Attributes {
  readonly [name: string]: string | number | boolean | null | undefined | ((event: Event) => void);
}

/** Make an element: `on…` functions become listeners, `true` an empty attribute, null nothing. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  set(element, attributes);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Change a text only where it differs: less work, and screen readers stay quiet. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Untrusted text, kept from turning the line around it. */
export const bdi = (text: string): HTMLElement => h("bdi", {}, text);

/** A sentence of the server: the name that it may begin with does not decide on its direction. */
export function prose(text: string, dir: "ltr" | "rtl"): HTMLElement {
  // Each second part stood between a left-to-right isolate and its end: a time, or a position.
  const parts = text.split(/\u2066([^\u2066-\u2069]*)\u2069/);
  return h("bdi", { dir }, ...parts.map((part, place) => (place % 2 === 1 ? ltr(part, "whole") : part)));
}

/** A number with the word of its unit: in the direction of that word. */
export const quantity = (text: string): HTMLElement => h("bdi", { class: "figure" }, text);

/** Numbers, positions and times run left to right in every language. */
export const ltr = (text: string, className = "figure"): HTMLElement =>
  h("bdi", { dir: "ltr", class: className }, text);
