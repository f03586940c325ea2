// What the steps look like. Text only: nothing that comes from an exhibit is ever taken for markup.

const MOST = 500;

export class View {
  constructor(place, words) { Object.assign(this, { place, words, steps: [], outcome: "running", note: null }); }

  get lang() { return document.documentElement.lang === "en" ? 1 : 0; }

  // What nobody signed may tell anything: where nothing is altered that comes before all else.
  get headline() {
    const unsigned = this.steps.some(({ findings }) => findings.some(({ code }) => code === "EXHIBIT_UNSIGNED"));
    return unsigned && this.outcome === "doubt" ? "unsigned" : this.outcome;
  }

  say(pair) { return pair[this.lang]; }

  // {code, subject, parameters} as a sentence.
  sentence({ code, parameters }) {
    const row = this.words.findings[code];
    const text = row ? row[1 + this.lang] : code;
    return text.replace(/\{(\w+)\}/g, (whole, name) => shown(parameters[name]));
  }

  show() {
    const { ui, whole, outcomes, steps } = this.words;
    const list = element("ol", {});
    for (const step of this.steps) {
      const item = element("li", { class: step.outcome, "data-step": step.key });
      item.append(element("span", { class: "light" }, this.say(outcomes[step.outcome])), this.told(step, steps));
      list.append(item);
    }
    const head = element("p", { class: `${this.outcome} whole`, "data-outcome": this.outcome }, this.say(whole[this.headline]));
    const parts = [head];
    if (this.note) parts.push(element("p", { class: "banner" }, this.note(this)));
    parts.push(list);
    if (this.steps.length && this.outcome !== "running") {
      parts.push(element("p", { class: "note" }, `${this.say(ui.at)} ${new Date().toISOString().slice(0, 19).replace("T", " ")} UTC. ${this.say(ui.revocation)}`));
    }
    this.place.replaceChildren(...parts);
  }

  told(step, titles) {
    const { ui } = this.words;
    const told = element("div", {}, element("div", {}, this.say(titles[step.key]) + (step.volume ? ` (${this.say(ui.volume)} ${step.volume.slice(0, 12)}…)` : "")));
    if (step.findings.length) {
      const list = element("ul", {});
      for (const finding of step.findings.slice(0, MOST)) {
        const row = this.words.findings[finding.code] ?? [];
        const item = element("li", { "data-code": finding.code }, this.sentence(finding));
        if (finding.subject) item.append(element("br", {}), element("code", {}, finding.subject));
        item.append(element("small", {}, ` ${finding.code}${row[3] ? `, ${row[3]}` : ""}`));
        list.append(item);
      }
      if (step.findings.length > MOST) list.append(element("li", {}, `+ ${step.findings.length - MOST}`));
      told.append(list);
    }
    if (step.facts.length && step.outcome !== "running") told.append(this.folded(step));
    return told;
  }

  // Names and digests, on demand: made when they are opened.
  folded(step) {
    const { ui } = this.words;
    const details = element("details", {}, element("summary", {}, `${this.say(ui.details)} (${step.facts.length})`));
    details.addEventListener("toggle", () => {
      if (!details.open || details.childElementCount > 1) return;
      const list = element("ul", {});
      for (const { label, value } of step.facts.slice(0, 20 * MOST)) {
        const name = ui[label] ? this.say(ui[label]) : label;
        list.append(element("li", {}, element("code", {}, name), ` ${ui[value] ? this.say(ui[value]) : value}`));
      }
      details.append(list);
    });
    return details;
  }
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Moments are milliseconds.
function shown(value) {
  if (typeof value === "number" && value > 1e11) return `${new Date(value).toISOString().slice(0, 19).replace("T", " ")} UTC`;
  return String(value ?? "?");
}
