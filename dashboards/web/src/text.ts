// Text from devices is untrusted. The server makes it plain; the page does not rely on that.

const LONGEST = 64;
const ON_MAP = 22;

/** Without control and format characters, except the joiners that scripts need; cut to so many. */
export function plain(text: string, longest = LONGEST): string {
  const shown = text.normalize("NFC").replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, "");
  return [...shown].slice(0, longest).join("").trim();
}

/** A sentence: the signs that isolate names and figures in it stay, for they are the server's. */
export function plainLine(text: string, longest = 400): string {
  const shown = text.normalize("NFC").replace(/\s+/g, " ").replace(/(?![\u200c\u200d\u2066-\u2069])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, "");
  return [...shown].slice(0, longest).join("").trim();
}

/** Short enough to stand beside a symbol. */
export function brief(text: string): string {
  const signs = [...plain(text)];
  return signs.length > ON_MAP ? `${signs.slice(0, ON_MAP - 1).join("")}…` : signs.join("");
}
