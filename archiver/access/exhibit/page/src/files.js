// The files of an exhibit by their names, whatever they came in. They are read one at a time.

import { hex } from "./asn1.js";
import { digest } from "./digest.js";

export class Refused extends Error {
  // `code` is that of a finding, `subject` and `parameters` what it says
  constructor(code, subject, parameters = {}) {
    super(`${code} ${subject} ${JSON.stringify(parameters)}`);
    Object.assign(this, { code, subject, parameters });
  }
}

export class Files {
  // `entries`: Map name -> function that promises its octets
  constructor(entries, notes = []) {
    this.entries = entries;
    this.notes = notes; // [code, subject, parameters] of what they came in
    this.sizes = new Map();
    this.digests = new Map();
  }

  get names() { return [...this.entries.keys()].sort(); }

  has(name) { return this.entries.has(name); }

  read(name) { return this.entries.get(name)(); }

  // In octets.
  async size(name) {
    if (!this.sizes.has(name)) await this.hashed(name, "sha256");
    return this.sizes.get(name);
  }

  // The digest of a file in hexadecimal digits, computed once; both usual ones at one reading.
  async hashed(name, algorithm) {
    const known = this.digests.get(name) ?? {};
    this.digests.set(name, known);
    if (!known[algorithm]) {
      const octets = await this.read(name);
      this.sizes.set(name, octets.length);
      for (const wanted of new Set(["sha256", "sha512", algorithm])) known[wanted] ??= hex(await digest(wanted, octets));
    }
    return known[algorithm];
  }
}

// What operating systems leave where they open folders: read by nobody.
const LITTER = { test: (name) => /(^|\/)(__MACOSX\/|\._[^/]*$)/.test(name) || /(^|\/)(\.DS_Store|desktop\.ini|Thumbs\.db)$/i.test(name) };

// The exhibit among what was handed over: everything below the one folder that holds bagit.txt and data/dossier.json.
// `entries.notes`, if there, is what a ZIP had to be told.
export function exhibitIn(entries) {
  const names = [...entries.keys()].filter((name) => !LITTER.test(name));
  const roots = names.filter((name) => name === "data/dossier.json" || name.endsWith("/data/dossier.json"))
    .map((name) => name.slice(0, -"data/dossier.json".length));
  const root = roots.sort((one, two) => one.length - two.length)[0];
  if (root === undefined) throw new Refused("EXHIBIT_MANIFEST", "", { reason: "bagit.txt, data/dossier.json" });
  const strangers = names.filter((name) => !name.startsWith(root));
  if (strangers.length) throw new Refused("EXHIBIT_STRANGER", strangers[0]);
  const litter = [...entries.keys()].filter((name) => LITTER.test(name)).map((name) => ["EXHIBIT_LITTER", name, {}]);
  return new Files(new Map(names.map((name) => [name.slice(root.length), entries.get(name)])), [...(entries.notes ?? []), ...litter]);
}
