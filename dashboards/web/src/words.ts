// The page's own words in the operators' languages, and which of the server's sentences to show.

import ar from "./words/ar.json";
import en from "./words/en.json";
import ko from "./words/ko.json";

export type Language = "en" | "ko" | "ar";
export type Key = keyof typeof en;

const WORDS: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { en, ko, ar };

export const LANGUAGES: Readonly<Record<Language, string>> = { en: "English", ko: "한국어", ar: "العربية" };

let language: Language = "en";

export const isLanguage = (text: string): text is Language => text in WORDS;

export const currentLanguage = (): Language => language;

export const direction = (): "ltr" | "rtl" => (language === "ar" ? "rtl" : "ltr");

export function speak(chosen: Language): void {
  language = chosen;
}

/** A sentence of the server in every language. */
export type Words = Readonly<Record<Language, string>>;

export const said = (words: Words): string => words[language];

/** The direction of a sentence; one that the server knows in English alone runs as English does. */
export const directionOf = (words: Words): "ltr" | "rtl" => (said(words) === words.en ? "ltr" : direction());

type Values = Readonly<Record<string, string | number>>;

/** Speak from a set of words: a key's words in the language that is spoken, `{name}` replaced by values. */
export const speaker = <K extends string>(words: Readonly<Record<Language, Readonly<Record<K, string>>>>) =>
  (key: K, values: Values = {}): string =>
    words[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

export const t = speaker<Key>(WORDS);

/** The words of a key that is made of a prefix and what the server says, or what it says itself. */
export function named(prefix: string, value: string): string {
  const key = `${prefix}.${value}`;
  return key in en ? t(key as Key) : value.replaceAll("_", " ");
}

/** A unit of time as it follows its number: in Korean without a gap. */
export const unit = (of: "s" | "min" | "h" | "d"): string => (language === "ko" ? "" : " ") + t(`unit.${of}`);

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(`${language}-u-nu-latn`, {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(value);
}
