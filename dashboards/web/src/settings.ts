// What each page asks first: language and light, kept in this browser, and where the site is.

import * as api from "./api";
import { h, set } from "./dom";
import { choice, CHOICES, choose } from "./theme";
import type { Snapshot } from "./types";
import { currentLanguage, direction, isLanguage, type Language, LANGUAGES, speak, t } from "./words";

const KEY = "haechi.language";
const RETRY_MS = 2000;

/** Speak as the operator chose, else as is said. */
export function speakAs(said: string): Language {
  const kept = localStorage.getItem(KEY) ?? said;
  const language: Language = isLanguage(kept) ? kept : "en";
  speak(language);
  set(document.documentElement, { lang: language, dir: direction() });
  return language;
}

export function languageChoice(): HTMLElement {
  const languages = h("select", { "aria-label": t("language"), title: t("language") },
    ...Object.entries(LANGUAGES).map(([code, name]) =>
      h("option", { value: code, lang: code, selected: code === currentLanguage() }, name)));
  languages.addEventListener("change", () => {
    localStorage.setItem(KEY, languages.value);
    location.reload();
  });
  return languages;
}

export function themeChoice(apply: () => void): HTMLElement {
  const themes = h("select", { "aria-label": t("theme"), title: t("theme") },
    ...CHOICES.map((each) => h("option", { value: each, selected: each === choice() }, t(`theme.${each}`))));
  themes.addEventListener("change", () => {
    choose(themes.value);
    apply();
  });
  return themes;
}

/** The first snapshot says which language and time zone the site uses. */
export async function firstSnapshot(): Promise<Snapshot> {
  for (;;) {
    try {
      return await api.snapshot();
    } catch (error) {
      const waiting = h("p", { class: "waiting", role: "status" }, `${t("connection.connecting")}… `, h("small", {}, String(error instanceof Error ? error.message : error)));
      document.body.replaceChildren(waiting);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
