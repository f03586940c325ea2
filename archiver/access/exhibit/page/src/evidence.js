// The evidence of one group of files (RFC 4998, 4.3 and 5.3): of every authority the newest record is climbed, the older
// ones must be its beginning. Two authorities are two proofs, and one of them is enough (7).

import { Malformed, hex } from "./asn1.js";
import { continues, coverage, judgeStamps, readRecord } from "./record.js";
import { Refused } from "./files.js";

const MARGIN = 5 * 60 * 1000;
// what makes a fallen record an altered object, and not one that time has taken away
const ALTERED = new Set(["MISSING", "EVIDENCE_CERTIFICATE", "EVIDENCE_COPIED", "EVIDENCE_UNREADABLE", "EVIDENCE_ALGORITHM",
  "EVIDENCE_CHAIN_ALGORITHM", "EVIDENCE_LINK", "EVIDENCE_MEMBER", "EVIDENCE_NOT_CONTINUED", "TOKEN_IMPRINT", "TOKEN_USAGE",
  "CMS_CONTENT_TYPE", "CMS_DIGEST", "CMS_REFERENCE_ABSENT", "CMS_REFERENCE", "CMS_SIGNATURE", "CMS_ALGORITHM"]);

// {said: [{tsa, findings, facts, stamps}], since, standing}: `said` by authority, `stamps` those whose certificates are
// to be judged; `since` is the first time that a record which holds proves (null: none), `standing` the same before the
// files are looked at. `lineages`: Map tsa -> names; `around`: {files, at, trustBag, grave(code), led(signed, at)}.
export async function judgeEvidence(lineages, members, around) {
  const said = [], seen = new Map();
  for (const [tsa, names] of lineages) said.push({ tsa, ...await lineage(names, members, seen, around) });
  const grave = ({ findings }) => findings.some(({ code }) => around.grave(code));
  for (const one of said) {
    let led = true;
    for (const { token } of one.stamps) led &&= await around.led(token.signed, token.genTime);
    one.holds = led && !grave(one);
    one.stands = led && !one.own.some(({ code }) => around.grave(code));
  }
  const holds = said.filter((one) => one.holds), stands = said.filter((one) => one.stands);
  for (const one of holds.length ? said : []) if (!one.holds) fell(one);
  const first = (some) => (some.length ? Math.min(...some.map(({ since }) => since)) : null);
  return { said, since: first(holds), standing: first(stands) };
}

// What is altered stays an error; the rest is told, and counts no more.
function fell(one) {
  const reasons = [...new Set(one.findings.map(({ code }) => code))].join("; ") || "CHAIN_NOT_FOUND";
  const altered = one.findings.filter(({ code }) => ALTERED.has(code));
  const findings = [...altered, { code: "EVIDENCE_FELL", subject: one.name, parameters: { tsa: one.tsa, reason: reasons } }];
  Object.assign(one, { findings, stamps: [] });
}

async function lineage(names, members, seen, around) {
  const found = { name: names.at(-1), findings: [], own: [], facts: [], stamps: [], since: null };
  const say = (code, subject, parameters = {}) => found.findings.push({ code, subject, parameters });
  try {
    await climb(names, members, seen, around, found, say);
  } catch (error) {
    if (error instanceof Refused) say(error.code, error.subject, error.parameters);
    else if (error instanceof Malformed) say("EVIDENCE_UNREADABLE", found.name, { reason: error.message });
    else throw error;
    found.own = found.findings;
  }
  return found;
}

async function climb(names, members, seen, { files, at, trustBag }, found, say) {
  const records = [];
  for (const [place, name] of names.entries()) {
    const number = `${String(place + 1).padStart(6, "0")}.ers`;
    if (!name.endsWith(number)) say("MISSING", name.slice(0, -number.length) + number);
    found.name = name;
    records.push(readRecord(await files.read(name)));
    if (place && !continues(records[place - 1], records[place])) say("EVIDENCE_NOT_CONTINUED", name, { reason: "-" });
  }
  // as of a day before the last renewals: the record that was the newest then
  let place = records.length - 1, stamps = await judgeStamps(records[place], trustBag, at);
  while (place && stamps.at(-1).token.genTime > at + MARGIN) {
    for (const { faults } of stamps) for (const [code, parameters] of faults) if (ALTERED.has(code)) say(code, names[place], parameters);
    place -= 1;
    stamps = await judgeStamps(records[place], trustBag, at);
  }
  const name = found.name = names[place], record = records[place];
  for (const stamp of stamps) {
    const subject = stamps.length === 1 ? name : `${name} (ArchiveTimeStamp ${stamp.chain}.${stamp.number})`;
    for (const [code, parameters] of stamp.faults) say(code, subject, parameters);
    if (!stamp.token.signed.certificate) say("EVIDENCE_CERTIFICATE", name, { name: "-" });
    found.stamps.push({ token: stamp.token, subject });
    found.facts.push({ label: `ArchiveTimeStamp ${stamp.chain}.${stamp.number}`, value: `${day(stamp.token.genTime)}  ${stamp.algorithm}  ${stamp.token.signed.certificate?.name ?? "-"}` });
  }
  found.since = stamps[0].token.genTime;
  // one token is one proof, whatever folders it lies in
  const first = hex(stamps[0].token.signed.signature);
  if (seen.has(first)) say("EVIDENCE_COPIED", name, { found: seen.get(first) });
  seen.set(first, name);
  found.own = [...found.findings];
  const octets = async (member, algorithm) => bytes(await files.hashed(member, algorithm));
  const { lost, shown, total } = await coverage(record, stamps, members, octets);
  for (const one of lost) say("EVIDENCE_MEMBER", name, one);
  if (!shown) say("EVIDENCE_NOTHING_SHOWN", name, { total });
  else if (shown < total) say("GROUP_PARTIAL", name, { shown, total });
}

const bytes = (digits) => Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16));

export const day = (at) => new Date(at).toISOString().replace("T", " ").replace(/\.000Z$/, " UTC");
