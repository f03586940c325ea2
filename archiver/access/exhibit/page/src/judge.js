// The steps, in the order in which one thing explains the next; an expert can follow them with the standards beside.
//
// A step is {key, volume, findings, facts, outcome}: `findings` are {code, subject, parameters}, their texts and
// severities those of the archive's own verifier; `facts` are {label, value} shown on demand. `severity(code)` says
// what a code does: error -> failed, doubt -> doubt, anchor -> anchor (yellow: readings of whoever made the exhibit).

import { spent, usedBy } from "./algorithms.js";
import { Malformed, hex } from "./asn1.js";
import { bagFaults, compared } from "./bag.js";
import { DATA, faults, openSigned } from "./cms.js";
import { digest } from "./digest.js";
import { day, judgeEvidence } from "./evidence.js";
import { pathTo } from "./path.js";
import { Refused } from "./files.js";
import { readIndex } from "./pindex.js";
import { providerOutcome } from "./provider.js";
import { readRapporto } from "./rapporto.js";
import { readToken, tokenFaults } from "./timestamp.js";
import { Certificate, DIGITAL_SIGNATURE, NON_REPUDIATION } from "./x509.js";

const VOLUME = /^data\/volumes\/([0-9a-f]{64})\//;
const KNOWN = /^(PIndex\.xml\.p7m|messages\/[0-9a-f]{64}\.eml|metadata\/[0-9a-f]{64}\.xml|trust\/[0-9a-f]{64}\.[a-z0-9]{1,8}|pdv\/[0-9a-f]{64}\.(xml|xml\.p7m|[a-z0-9-]+\.\d{6}\.ers)|evidence\/[a-z0-9-]+\/\d{6}\.ers|discards\/[a-z0-9-]+\/discard\.(xml|xml\.p7m|[a-z0-9-]+\.\d{6}\.ers))$/;
const MESSAGE = /^data\/(volumes\/[0-9a-f]{64}|pending)\/messages\/[0-9a-f]{64}\.eml$/;
const TOP = ["LEGGIMI.txt", "index.html", "rapporto.pdf", "verify.py"];
const DATA_FILE = /^data\/(dossier\.json|volumes\/[0-9a-f]{64}\/.+|pending\/(messages\/[0-9a-f]{64}\.eml|pdv\/.+)|anchors\/(seal|tsa|providers)\/[0-9a-f]{64}\.cer|trust\/[0-9a-f]{64}\.[a-z0-9]{1,8})$/;
const FRAME = /^(bagit\.txt|bag-info\.txt|(tag)?manifest-sha(256|512)\.txt|PdD\.xml(\.p7m)?)$/;

export class Judge {
  // `files`: Files; `at`: the moment of judging, in milliseconds; `severity`: code -> severity; `heard`: each step
  constructor(files, { at, severity, heard = () => {} }) {
    Object.assign(this, { files, at, severity, heard, steps: [], certified: [], trustBag: [], paths: new Map(), holder: "" });
  }

  async judge() {
    const told = await this.told();
    this.holder = told?.holder?.id ?? "";
    await this.step("manifest", null, (step) => this.manifest(step));
    await this.step("index", null, (step) => this.index(step, told));
    const volumes = [...new Set(this.files.names.map((name) => VOLUME.exec(name)?.[1]).filter(Boolean))];
    for (const volume of volumes) await this.volume(volume);
    await this.step("shown", null, (step) => this.shown(step, told, volumes));
    if (this.files.names.some((name) => name.startsWith("data/pending/"))) await this.step("pending", null, (step) => this.pending(step));
    await this.step("providers", null, (step) => this.providers(step));
    await this.step("anchors", null, (step) => this.anchors(step));
    return { outcome: worst(this.steps.map((step) => step.outcome)), steps: this.steps, told };
  }

  async step(key, volume, work) {
    const step = { key, volume, findings: [], facts: [], outcome: "passed" };
    step.say = (code, subject, parameters = {}) => step.findings.push({ code, subject, parameters });
    step.fact = (label, value) => step.facts.push({ label, value });
    this.steps.push(step);
    this.heard(step, false);
    try {
      await work(step);
    } catch (error) {
      // what cannot be read was altered, or was never what it says it is
      const { code = "PAGE_UNREADABLE", subject = "", parameters = { reason: error.message } } = error;
      step.findings.push({ code: error.parameters ? code : "PAGE_UNREADABLE", subject, parameters });
    }
    step.outcome = worst(step.findings.map(({ code }) => OUTCOMES[this.severity(code)] ?? "passed"));
    this.heard(step, true);
    return step;
  }

  hashed(name) { return this.files.hashed(name, "sha256"); }

  async told() {
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(await this.files.read("data/dossier.json")));
    } catch {
      return null; // said in `shown`
    }
  }

  // 1. RFC 8493: every SHA-256 and SHA-512, nothing missing, nothing unlisted
  async manifest(step) {
    for (const note of this.files.notes) step.say(...note);
    for (const finding of await bagFaults(this.files, (name, algorithm) => this.files.hashed(name, algorithm))) step.say(...finding);
    for (const name of this.files.names) {
      if (!DATA_FILE.test(name) && !FRAME.test(name) && !TOP.includes(name)) step.say("EXHIBIT_STRANGER", name);
      if (!VOLUME.test(name)) await this.called(step, name);
      step.fact(name, `SHA-256 ${await this.files.hashed(name, "sha256")}`);
    }
  }

  // 2. the index of the exhibit, its signature, and its list against the files
  async index(step, told) {
    const sealed = this.files.has("PdD.xml.p7m"), name = sealed ? "PdD.xml.p7m" : "PdD.xml";
    if (!this.files.has(name)) return step.say("EXHIBIT_INDEX_ABSENT", name);
    if (sealed && this.files.has("PdD.xml")) step.say("EXHIBIT_INDEX_TWICE", "PdD.xml");
    if (told && Boolean(told.sealed) !== sealed) step.say("EXHIBIT_SEAL", name);
    const octets = await this.files.read(name);
    const signed = sealed ? await this.signature(step, octets, name) : null;
    if (signed) await this.stamped(step, signed, name, null);
    if (!sealed) step.say("EXHIBIT_UNSIGNED", name);
    const index = this.read(step, sealed ? signed.content : octets, name, "EXHIBIT_INDEX_UNREADABLE");
    if (!index) return;
    if (signed) this.named(step, index, signed, name);
    // it is the index of this account of the exhibit, and of no other
    const own = this.files.has("data/dossier.json") ? await this.hashed("data/dossier.json") : "";
    if (index.id !== `urn:pec-archiver:pdd-pindex:${own}`) step.say("EXHIBIT_ELSEWHERE", name, { expected: own, found: index.id });
    for (const [path, sha256] of index.sources) {
      const found = this.files.has(path) ? await this.hashed(path) : sha256;
      if (found !== sha256) step.say("EXHIBIT_DIGEST", path, { by: `${name} (PIndexSource)`, expected: sha256, found });
    }
    const expected = this.files.names.filter((file) => file.startsWith("data/") || TOP.includes(file));
    for (const finding of await compared(index.files, expected, name, this.files, (file) => this.hashed(file))) step.say(...finding);
  }

  // what an index says; null when it cannot be read, which is said
  read(step, octets, name, code) {
    try {
      return readIndex(octets ?? new Uint8Array());
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      step.say(code, name, { reason: error.message });
      return null;
    }
  }

  // who sealed is one of those whom the index names, and it has the time stamp that the index says
  named(step, index, signed, name) {
    const called = signed.certificate?.name ?? "";
    if (called && !index.signers.some((code) => called.toLowerCase().includes(code.toLowerCase()))) {
      step.say("SIGNER_UNNAMED", name, { name: called, expected: index.signers.join(", ") });
    }
    if (index.stamped && !signed.tokens.length) step.say("SEAL_STRIPPED", name);
  }

  async volume(volume) {
    const folder = `data/volumes/${volume}/`, name = `${folder}PIndex.xml.p7m`;
    let signed = null, listed = new Map();
    await this.step("pindex", volume, async (step) => {
      if (!this.files.has(name)) return step.say("MISSING", name);
      signed = await this.signature(step, await this.files.read(name), name);
      listed = await this.listed(step, signed, volume, folder);
    });
    const told = (pattern) => this.files.names.filter((one) => one.startsWith(folder) && pattern.test(one.slice(folder.length)));
    const lineages = this.lineages(`${folder}evidence/`, "/"), members = this.members(listed, folder);
    const proof = await judgeEvidence(lineages, members, this.around(this.at));
    // the signature timestamp is vouched for by the evidence, from its first time on (EN 319 102-1, 5.6)
    await this.step("timestamp", volume, async (step) => signed && this.stamped(step, signed, name, proof.since));
    if (!lineages.size) await this.step("evidence", volume, (step) => step.say("EVIDENCE_ABSENT", `${folder}evidence/`));
    for (const one of proof.said) {
      await this.step("evidence", volume, (step) => {
        step.fact("TSA", one.tsa);
        this.take(step, one);
      });
    }
    const carried = { since: proof.standing, has: (record) => listed.has(record.slice(folder.length)) };
    const rapporti = told(/^pdv\/[0-9a-f]{64}\.xml(\.p7m)?$/), discards = told(/^discards\/[^/]+\/discard\.xml(\.p7m)?$/);
    if (rapporti.length) await this.step("rapporti", volume, async (step) => { for (const one of rapporti) await this.rapporto(step, one, carried); });
    if (discards.length) await this.step("discards", volume, async (step) => { for (const one of discards) await this.discard(step, one); });
  }

  // what a group of files is judged with
  around(at) {
    const grave = (code) => ["error", "doubt"].includes(this.severity(code));
    const led = async (signed, time) => !signed.certificate || Boolean((await this.path("tsa", signed, time)).path);
    return { files: this.files, trustBag: this.trustBag, at, grave, led };
  }

  // what was found of one authority's records, said in a step
  take(step, { findings, facts, stamps }) {
    step.findings.push(...findings);
    step.facts.push(...facts);
    for (const { token, subject } of stamps) this.certify("tsa", token.signed, token.genTime, subject);
  }

  // One rapporto, with evidence and a seal of its own: {accepted, since, sealed}. Where its volume carries its records
  // they are judged as of the volume's evidence: they need no renewal any more (RFC 4998, 5.2).
  async rapporto(step, name, volume = null) {
    const octets = await this.files.read(name), sealed = name.endsWith(".p7m");
    const signed = sealed ? await this.signature(step, octets, name) : null, read = await this.accepted(step, sealed ? signed.content : octets, name);
    const lineages = this.lineages(name.replace(/\.xml(\.p7m)?$/, "."), "."), records = [...lineages.values()].flat();
    const covered = volume?.since ?? null, carried = covered !== null && records.length && records.every(volume.has);
    const proof = await judgeEvidence(lineages, [name], this.around(carried ? covered : this.at));
    const said = proof.said.flatMap(({ findings }) => findings), grave = (kind) => said.filter(({ code }) => this.severity(code) === kind);
    let { since } = proof;
    if (covered !== null && since === null && !grave("error").length) {
      since = covered;
      const doubts = grave("doubt").map(({ code }) => code);
      if (doubts.length) step.say("RDV_RECORD_SUPERSEDED", name, { reason: [...new Set(doubts)].join("; ") });
      else for (const one of proof.said) step.findings.push(...one.findings);
    } else if (!records.length) step.say("RDV_NOT_COVERED", name);
    else for (const one of proof.said) this.take(step, one);
    // nothing rests on its signature: chain and evidence prove the rest
    const at = since ?? this.at, late = signed?.certificate && at > signed.certificate.until && !signed.tokens.length;
    if (late) step.say("RDV_SEAL_LATE", name, { since: day(at).slice(0, 10) });
    else if (signed?.tokens.length) await this.stamped(step, signed, name, since);
    else if (signed) this.vouched(step, signed, at, name);
    return { ...read, since, sealed };
  }

  // what it says that it accepted, if it is the one that its name promises
  async accepted(step, octets, name) {
    try {
      const read = await readRapporto(octets), id = name.split("/").at(-1).split(".")[0];
      if (read.id !== id || read.holder !== this.holder) step.say("RDV_ELSEWHERE", name, { found: `${read.holder} ${read.id}` });
      return read;
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      step.say("RDV_UNREADABLE", name, { reason: error.message });
      return { accepted: new Map() };
    }
  }

  // a record of a discard, with evidence and a seal of its own
  async discard(step, name) {
    const proof = await judgeEvidence(this.lineages(name.replace(/\.xml(\.p7m)?$/, "."), "."), [name], this.around(this.at));
    for (const one of proof.said) this.take(step, one);
    if (name.endsWith(".p7m")) await this.stamped(step, await this.signature(step, await this.files.read(name), name), name, proof.since);
  }

  // 3. what the index of a volume lists, against what is here of it (readings: the part of a volume is enough)
  async listed(step, signed, volume, folder) {
    const index = this.read(step, signed.content, `${folder}PIndex.xml.p7m`, "INDEX_UNREADABLE");
    if (!index) return new Map();
    this.named(step, index, signed, `${folder}PIndex.xml.p7m`);
    if (index.volume !== `urn:pec-archiver:volume:${volume}`) {
      step.say("INDEX_ELSEWHERE", folder, { expected: volume, found: index.volume });
    }
    const here = this.files.names.filter((name) => name.startsWith(folder)).map((name) => name.slice(folder.length));
    for (const path of here) {
      const own = /^(PIndex|evidence\/|discards\/)/.test(path) || /^pdv\/.*\.ers$/.test(path);
      if (!KNOWN.test(path)) step.say("EXHIBIT_STRANGER", folder + path);
      else if (!own && !index.files.has(path)) step.say("UNLISTED", folder, { member: path });
    }
    for (const [path, expected] of index.files) {
      const message = /^metadata\/([0-9a-f]{64})\.xml$/.exec(path)?.[1];
      if (here.includes(path)) {
        const found = await this.hashed(folder + path);
        if (found !== expected) step.say("DIGEST", folder + path, { expected, found });
        step.fact(path, `SHA-256 ${expected}`);
      } else if (path.startsWith("trust/") || (message && here.includes(`messages/${message}.eml`))) {
        step.say("MISSING", folder + path);
      }
    }
    for (const path of here) await this.called(step, folder + path);
    return index.files;
  }

  // a message or certificate is called by its own digest
  async called(step, name) {
    const expected = /\/(?:messages|trust|seal|tsa|providers)\/([0-9a-f]{64})\.[a-z0-9]+$/.exec(name)?.[1];
    if (!expected) return;
    const found = await this.hashed(name);
    if (found !== expected) step.say("EXHIBIT_NAMED_OTHERWISE", name, { expected, found });
  }

  // the data object group: the sealed index and what it lists, as far as it is here
  members(listed, folder) {
    const names = ["PIndex.xml.p7m", ...listed.keys()].map((path) => folder + path);
    return names.filter((name) => this.files.has(name));
  }

  // the records below a prefix by authority, in the order of their numbers: `mark` ends the authority's name
  lineages(prefix, mark) {
    const found = new Map();
    for (const name of this.files.names.filter((one) => one.startsWith(prefix) && one.endsWith(".ers"))) {
      const tsa = name.slice(prefix.length).split(mark)[0];
      found.set(tsa, [...(found.get(tsa) ?? []), name]);
    }
    return found;
  }

  // an attached CAdES signature (EN 319 122-1, 6.3), as far as it goes without anchors
  async signature(step, octets, name) {
    let signed;
    try {
      signed = openSigned(octets, this.trustBag);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      throw Object.assign(error, { code: "SEAL_UNREADABLE", subject: name, parameters: { reason: error.message } });
    }
    for (const [code, parameters] of await faults(signed, DATA)) step.say(code, name, parameters);
    if (!signed.content) step.say("SEAL_DETACHED", name);
    if (signed.reference && signed.reference.version !== 2) step.say("SEAL_REFERENCE_VERSION", name);
    if (signed.certificate && !signed.certificate.allows(DIGITAL_SIGNATURE, NON_REPUDIATION)) step.say("SEAL_KEY_USAGE", name, { found: "-" });
    step.fact("SEALED_BY", signed.certificate ? `${signed.certificate.name}, SHA-256 ${hex(await digest("sha256", signed.certificate.octets))}` : "-");
    return signed;
  }

  // 4. the signature timestamp: it stamps the signature's value (EN 319 122-1, 5.3)
  // `since`: the first time that evidence proves, or null
  async stamped(step, signed, name, since) {
    const until = since ?? this.at;
    if (!signed.tokens.length) {
      step.say("SEAL_WITHOUT_TIMESTAMP", name);
      return this.vouched(step, signed, until, name);
    }
    const token = readToken(signed.tokens[0], [...signed.certificates, ...this.trustBag]);
    const found = await tokenFaults(token, token.algorithm, await digest(token.algorithm, signed.signature), until);
    for (const [code, parameters] of found) step.say(code, name, parameters);
    step.fact("genTime", `${day(token.genTime)}  ${token.signed.certificate?.name ?? "-"}`);
    this.certify("tsa", token.signed, token.genTime, name);
    this.vouched(step, signed, token.genTime, name);
  }

  // a seal that is known to have been there at `at`: its algorithms then, and later its certificate
  vouched(step, signed, at, name) {
    for (const [code, parameters] of spent(usedBy(signed), at)) step.say(code, name, parameters);
    this.certify("seal", signed, at, name);
  }

  // every message of the exhibit's own account is here, is the one that it names, and there is no other
  async shown(step, told, volumes) {
    if (!told || told.format !== 1) return step.say("EXHIBIT_DOSSIER", "data/dossier.json", { reason: "JSON" });
    const differs = (subject) => step.say("EXHIBIT_TOLD_DIFFERS", subject, { reason: "data/dossier.json" });
    const here = new Set(this.files.names.filter((name) => MESSAGE.test(name)));
    if (!here.size) step.say("EXHIBIT_EMPTY", "data/");
    const shown = (told.dossiers ?? []).flatMap((dossier) => dossier.messages ?? []);
    for (const { path, sha256 } of shown) {
      if (!this.files.has(path) || await this.hashed(path) !== sha256) differs(path);
      else step.fact(path, `SHA-256 ${sha256}`);
    }
    const paths = new Set(shown.map(({ path }) => path));
    if (shown.length) for (const name of here) if (!paths.has(name)) differs(name);
    const claimed = (told.volumes ?? []).map((volume) => volume.id).sort();
    if (claimed.join() !== [...volumes].sort().join()) differs("data/volumes/");
  }

  // messages that no volume has yet: proven by the sealed rapporto that accepted them, where it came along
  async pending(step) {
    const rapporti = [];
    for (const name of this.files.names.filter((one) => /^data\/pending\/pdv\/[0-9a-f]{64}\.xml(\.p7m)?$/.test(one))) {
      const before = step.findings.length, found = await this.rapporto(step, name);
      const good = found.since !== null && !step.findings.slice(before).some(({ code }) => this.around().grave(code));
      if (good) rapporti.push({ name, ...found });
    }
    rapporti.sort((one, two) => two.sealed - one.sealed);
    for (const name of this.files.names.filter((one) => one.startsWith("data/pending/messages/"))) {
      const sha256 = await this.hashed(name), rapporto = rapporti.find(({ accepted }) => accepted.has(sha256));
      if (!rapporto) {
        step.say("EXHIBIT_PENDING", name);
        continue;
      }
      const stated = rapporto.accepted.get(sha256), sha512 = await this.files.hashed(name, "sha512");
      const told = { rdv: rapporto.name.split("/").at(-1), since: day(rapporto.since) };
      if (stated.sha512 !== sha512 || stated.size !== await this.files.size(name)) {
        step.say("RDV_DIFFERS", rapporto.name, { member: name, expected: stated.sha512, found: sha512 });
      } else step.say(rapporto.sealed ? "EXHIBIT_PENDING_PROVEN" : "EXHIBIT_PENDING_UNSEALED", name, told);
    }
  }

  // the providers' own signatures: the content verdict, which changes nothing (an altered PEC is kept as it is)
  async providers(step) {
    const counts = { intact: 0, altered: 0, unsigned: 0, unknown: 0 };
    for (const name of this.files.names.filter((one) => MESSAGE.test(one))) {
      const outcome = await providerOutcome(await this.files.read(name));
      counts[outcome] += 1;
      step.fact(name.split("/").at(-1), outcome);
      if (outcome === "altered") step.say("PAGE_PROVIDER_BROKEN", name);
      if (outcome === "unknown") step.say("PAGE_PROVIDER_UNREAD", name);
    }
    step.say("PAGE_PROVIDERS", "", counts);
  }

  certify(role, signed, at, subject) {
    if (signed.certificate) this.certified.push({ role, signed, at, subject });
  }

  // the certificates that came: the exhibit's anchors by role, and those of its volumes' trust material
  async brought() {
    if (this.came) return this.came;
    const readable = async (pattern) => {
      const found = [];
      for (const name of this.files.names.filter((one) => pattern.test(one))) {
        try {
          found.push(new Certificate(await this.files.read(name)));
        } catch (error) {
          if (!(error instanceof Malformed || error instanceof Refused)) throw error; // of no use here; its digest is judged
        }
      }
      return found;
    };
    const [seal, tsa, others] = await Promise.all([/^data\/anchors\/seal\/.+\.cer$/, /^data\/anchors\/tsa\/.+\.cer$/, /\/trust\/[0-9a-f]{64}\.cer$/].map(readable));
    return this.came = { seal, tsa, others };
  }

  // {path} up to an anchor, or {reason}
  async path(role, signed, at) {
    const came = await this.brought(), key = `${role} ${hex(signed.certificate.octets)} ${at}`;
    if (!this.paths.has(key)) this.paths.set(key, await pathTo(signed.certificate, came[role], [...signed.certificates, ...came.others], at));
    return this.paths.get(key);
  }

  // 6. paths to what the exhibit brought with it: yellow, with the fingerprints and what hangs on each, never green
  async anchors(step) {
    const bears = new Map(), seals = [];
    for (const { role, signed, at, subject } of this.certified) {
      const { path, reason } = await this.path(role, signed, at), anchor = path?.at(-1);
      const sealing = role === "seal" && /PIndex\.xml\.p7m$|^PdD\.xml\.p7m$/.test(subject);
      if (sealing) seals.push({ subject, certificate: signed.certificate, anchor });
      if (!path) {
        step.say("CHAIN_NOT_FOUND", subject, { name: signed.certificate.name, issuer: reason });
        continue;
      }
      const key = hex(await digest("sha256", anchor.octets));
      bears.set(key, { anchor, subjects: new Set([...(bears.get(key)?.subjects ?? []), subject]) });
      step.fact(subject, path.map((one) => one.common).join(" < "));
    }
    this.otherSigner(step, seals);
    for (const [fingerprint, { anchor, subjects }] of bears) {
      const shown = [...subjects].slice(0, BORNE), more = subjects.size - shown.length;
      step.say("ANCHOR_FROM_PACKAGE", shown.join(", ") + (more ? ` + ${more}` : ""), { name: anchor.name, fingerprint });
    }
  }

  // whoever sealed the exhibit sealed one of its volumes too, if there are any; else it is a stranger's account. A
  // certificate of the same name from another anchor is somebody else's: nothing here says whose the anchors are.
  otherSigner(step, seals) {
    const mine = seals.find(({ subject }) => subject === "PdD.xml.p7m"), volumes = seals.filter((one) => one !== mine);
    const whose = ({ certificate, anchor }) => `${certificate.whose} ${anchor ? hex(anchor.octets) : ""}`;
    if (!mine || !volumes.length || volumes.some((one) => whose(one) === whose(mine))) return;
    const names = [...new Set(volumes.map(({ certificate }) => certificate.name))].join(", ");
    step.say("EXHIBIT_OTHER_SIGNER", mine.subject, { signer: mine.certificate.name, volumes: names });
  }
}

const OUTCOMES = { error: "failed", doubt: "doubt", anchor: "anchor", warning: "notice" };
const ORDER = ["passed", "anchor", "notice", "doubt", "failed"];
const BORNE = 20;

export const worst = (outcomes) => outcomes.reduce((one, two) => (ORDER.indexOf(two) > ORDER.indexOf(one) ? two : one), "passed");
