// The page of an exhibit: it verifies what is handed to it, changes the language, and unfolds for the printer.

import { Refused, exhibitIn } from "./files.js";
import { Judge } from "./judge.js";
import { fromDrop, fromInput } from "./taken.js";
import { View } from "./view.js";

const byId = (id) => document.getElementById(id);
const words = JSON.parse(byId("words").textContent), told = JSON.parse(byId("told").textContent);
const view = new View(byId("result"), words);
const severity = (code) => words.findings[code]?.[0] ?? "error";
let turn = 0;

async function verify(taking) {
  const mine = ++turn;
  Object.assign(view, { steps: [], outcome: "running", note: null });
  view.show();
  try {
    if (!globalThis.crypto?.subtle) throw new Error(view.say(words.ui.crypto));
    const judge = new Judge(exhibitIn(await taking()), { at: Date.now(), severity, heard: (step, done) => {
      if (mine !== turn) return;
      view.steps = judge.steps.map((one) => (one === step && !done ? { ...one, outcome: "running" } : one));
      view.show();
    } });
    const result = await judge.judge();
    if (mine !== turn) return;
    Object.assign(view, { steps: result.steps, outcome: result.outcome });
    const other = result.told && ["made", "act", "kind"].some((key) => result.told[key] !== told[key]);
    if (other) Object.assign(view, { note: (it) => it.say(words.ui.other), outcome: result.outcome === "failed" ? "failed" : "doubt" });
  } catch (error) {
    if (mine !== turn) return;
    const known = error instanceof Refused;
    const finding = known ? error : { code: "PAGE_UNREADABLE", subject: "", parameters: { reason: error.message } };
    view.steps = [{ key: "manifest", volume: null, outcome: "failed", findings: [finding], facts: [] }];
    view.outcome = "failed";
  }
  view.show();
}

function speak(lang) {
  document.documentElement.lang = lang;
  for (const button of document.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === lang));
  if (view.steps.length) view.show();
}

for (const button of document.querySelectorAll("[data-lang]")) button.addEventListener("click", () => speak(button.dataset.lang));
speak(document.documentElement.lang);

for (const id of ["zip", "folder"]) {
  byId(id).addEventListener("change", (event) => {
    // copied: the list is emptied so that the same file can be chosen again
    const chosen = [...event.target.files];
    event.target.value = "";
    if (chosen.length) verify(() => fromInput(chosen));
  });
}

const drop = byId("drop");
for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
addEventListener("dragleave", () => drop.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  const taken = fromDrop(event.dataTransfer); // at once: what was dropped is gone after this event
  taken.catch(() => {});
  verify(() => taken);
});

// A viewer of ZIPs lays the page alone into a folder of its own; neighbours cannot be asked for on file://.
const inside = /\.zip([/.]|$)|\/(\.?fr-|ark-|7z[A-Z0-9]|Rar\$|Temp\d_)|\.zip\.[0-9a-f]{3}/i.test(decodeURI(location.pathname)) || !/^(file|https?):$/.test(location.protocol);
if (inside) byId("inside").className = "banner";

// What is folded is printed too, but for what is there a second time or for technicians.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open]):not(.extra)")].filter((one) => !one.closest("#result"));
  for (const one of folded) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of folded) one.open = false;
});
