// Every text that a page uses is in both languages, none lies unused, and placeholders are the same in both.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";

const STATIC = resolve(import.meta.dirname, "../../static");
const LANGUAGES = ["en", "fr"];
/** Which catalogues a page loads (js/ui/texts.js); all have the page for old browsers. */
const PAGES = {
  "sign-in": ["common", "staff", "unsupported"],
  schedule: ["common", "staff", "unsupported"],
  visit: ["common", "staff", "unsupported"],
  call: ["common", "call", "unsupported"],
  join: ["common", "call", "unsupported"],
};

const read = (path) => readFileSync(join(STATIC, path), "utf8");
const catalogue = (language, name) => JSON.parse(read(`locales/${language}/${name}.json`));
const names = readdirSync(join(STATIC, "locales/en")).map((file) => file.replace(".json", ""));
const keys = new Map(names.map((name) => [name, new Set(Object.keys(catalogue("en", name)))]));
const areas = new Set([...keys.values()].flatMap((set) => [...set]).map((key) => key.split(".")[0]));

/** A module without its comments. */
const codeOf = (path) => read(path).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");

/** The modules that a module imports, itself included. */
function modules(path, found = new Set()) {
  if (found.has(path) || path.includes("vendor/")) return found;
  found.add(path);
  for (const [, from] of codeOf(path).matchAll(/(?:from|import)\s*\(?"(\.[^"]+\.js)"/g)) {
    modules(join(dirname(path), from), found);
  }
  return found;
}

/** What a page is made of: its own file and every script that it loads. */
function partsOf(page) {
  const html = read(`${page}.html`);
  const scripts = [...html.matchAll(/src="\/static\/(js\/[^"]+)"/g)].map(([, path]) => path);
  return { html, scripts: [...new Set(scripts.flatMap((path) => [...modules(path)]))] };
}

/** The keys that a source names outright, the shapes of those that it puts together, and what it adds to others. */
function usesOf(code) {
  const literals = [...code.matchAll(/"([a-z][A-Za-z]*(?:\.[A-Za-z_]+)+)"/g)].map(([, key]) => key);
  const shapes = [...code.matchAll(/`([a-z][A-Za-z]*\.[^`\s]*\$\{[^`\s]*)`/g)].map(([, template]) => {
    const escaped = template.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(".", "\\."));
    return new RegExp(`^${escaped.join("[A-Za-z_.]+")}$`);
  });
  const suffixes = [...code.matchAll(/`\$\{\w+\}(\.[A-Za-z.]+)`/g)].map(([, suffix]) => suffix);
  return { literals: literals.filter((key) => areas.has(key.split(".")[0])), shapes, suffixes };
}

const pages = Object.keys(PAGES).filter((page) => existsSync(join(STATIC, `${page}.html`)));
const uses = new Map(
  pages.map((page) => {
    const { html, scripts } = partsOf(page);
    const inHtml = [...html.matchAll(/data-(?:text|label|placeholder)="([^"]+)"/g)].map(([, key]) => key);
    const inScripts = scripts.map((path) => usesOf(codeOf(path)));
    const literals = new Set([...inHtml, ...inScripts.flatMap((use) => use.literals)]);
    const all = (name) => inScripts.flatMap((use) => use[name]);
    return [page, { literals, shapes: all("shapes"), suffixes: all("suffixes") }];
  }),
);

test("all the pages are there", () => {
  assert.deepEqual(pages, Object.keys(PAGES));
});

for (const name of names) {
  test(`${name}: both languages have the same keys, all of them with a text`, () => {
    const [en, fr] = LANGUAGES.map((language) => catalogue(language, name));
    assert.deepEqual(Object.keys(fr).sort(), Object.keys(en).sort());
    for (const text of [...Object.values(en), ...Object.values(fr)]) {
      assert.ok(typeof text === "string" && text.trim() === text && text !== "");
    }
  });

  test(`${name}: placeholders are the same in both languages`, () => {
    const [en, fr] = LANGUAGES.map((language) => catalogue(language, name));
    const holes = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, hole]) => hole).sort();
    for (const key of Object.keys(en)) assert.deepEqual(holes(fr[key] ?? ""), holes(en[key]), key);
  });
}

for (const page of pages) {
  test(`${page}: every text that it uses is in the catalogues that it loads`, () => {
    const loaded = PAGES[page].map((name) => keys.get(name));
    const missing = [...(uses.get(page)?.literals ?? [])].filter(
      (key) => !loaded.some((set) => set?.has(key)),
    );
    assert.deepEqual(missing, []);
  });
}

/** Whether a page shows the text of a key, by itself or added to another key. */
function isUsed({ literals, shapes, suffixes }, key) {
  if (literals.has(key) || shapes.some((shape) => shape.test(key))) return true;
  return suffixes.some((suffix) => key.endsWith(suffix) && literals.has(key.slice(0, -suffix.length)));
}

test("no text lies unused", () => {
  const all = [...keys].flatMap(([name, set]) => [...set].map((key) => ({ name, key })));
  const unused = all.filter(({ key }) => ![...uses.values()].some((use) => isUsed(use, key)));
  assert.deepEqual(unused, []);
});

test("every refusal of the server has its sentence", () => {
  const source = readFileSync(resolve(STATIC, "../signaling/errors.py"), "utf8");
  const codes = [...source.matchAll(/^ {4}[A-Z_]+ = "([a-z_]+)"$/gm)].map(([, code]) => code);
  assert.ok(codes.length > 30);
  const english = catalogue("en", "common");
  assert.deepEqual(
    codes.filter((code) => english[`error.${code}`] === undefined),
    [],
  );
});

test("the page for old browsers keeps to their language", () => {
  const code = codeOf("js/unsupported.js");
  for (const modern of [
    /=>/,
    /\b(?:let|const|class|async|await|import|export)\b/,
    /`/,
    /\.\.\./,
    /\?\./,
    /\?\?/,
  ]) {
    assert.doesNotMatch(code, modern);
  }
});
