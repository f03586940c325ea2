// An evidence record (RFC 4998): read, and climbed from the files to the tokens.
//
// 4.3: up a reduced hash tree. 5.3: from one archive timestamp to the next, through timestamp renewals within a chain
// and hash-tree renewals between chains.

import { INTEGER, Malformed, OCTET_STRING, SEQUENCE, compare, equal, hex, joined, read, wrap } from "./asn1.js";
import { digest, digestName } from "./digest.js";
import { readToken, tokenFaults } from "./timestamp.js";

// {announced, algorithms, infos, chains}; a chain is a list of archive timestamps {algorithm, lists, head, token,
// octets}; `earlier` has for each chain the octets of the ArchiveTimeStampSequence that it renewed (null: the first).
export function readRecord(octets) {
  const fields = read(octets, { der: true }).is(SEQUENCE).take(INTEGER, SEQUENCE);
  const [version, digests] = fields;
  if (version.integer !== 1n) throw new Malformed("version: expected 1");
  const infos = fields.slice(2, -1);
  if (infos.some((info) => ![0xa0, 0xa1].includes(info.tag))) throw new Malformed("EvidenceRecord: unknown field");
  const chains = fields.at(-1).is(SEQUENCE).children.map((chain) => chain.is(SEQUENCE).children.map(archiveTimeStamp));
  if (!chains.length || chains.some((chain) => !chain.length)) throw new Malformed("an empty chain");
  return {
    announced: digests.content, algorithms: digests.children.map(digestName),
    infos: infos.map((info) => hex(info.octets)).join(""), chains, earlier: earlierOf(chains),
  };
}

// 3.1: version, lists of digests, token, all in DER but the token, which is as its authority made it
function archiveTimeStamp(value) {
  const fields = value.is(SEQUENCE).children;
  const algorithm = fields.find((field) => field.tag === 0xa0); // IMPLICIT AlgorithmIdentifier
  const tree = fields.find((field) => field.tag === 0xa2);
  const token = fields.at(-1).is(SEQUENCE).octets;
  const lists = (tree?.children ?? []).map((list) => list.is(SEQUENCE).children.map((item) => item.is(OCTET_STRING).content));
  const sizes = new Set(lists.flat().map((item) => item.length));
  if (tree && (lists.some((list) => !list.length) || sizes.size !== 1)) throw new Malformed("reducedHashtree");
  return {
    algorithm: algorithm ? digestName(algorithm) : null, lists, token, octets: value.octets,
    head: hex(value.content.subarray(0, value.content.length - token.length)),
  };
}

// 5.2, step 3: DER has one encoding of every header, so these are the octets that were hashed
function earlierOf(chains) {
  const held = [], sequences = [null];
  for (const chain of chains.slice(0, -1)) {
    held.push(wrap(SEQUENCE, joined(chain.map((stamp) => stamp.octets))));
    sequences.push(wrap(SEQUENCE, joined(held)));
  }
  return sequences;
}

// Every archive timestamp judged in order of time: [{chain, number, algorithm, token, faults}]. `at`: now.
export async function judgeStamps(record, certificates, at) {
  const stamps = record.chains.flatMap((chain, place) => chain.map((stamp, number) => {
    const token = readToken(stamp.token, certificates);
    const lists = stamp.lists.length ? stamp.lists : [[token.imprint]]; // 4.2, 7: the object itself was stamped
    return { chain: place + 1, number: number + 1, algorithm: stamp.algorithm ?? token.algorithm, lists, token, faults: [] };
  }));
  for (const [place, stamp] of stamps.entries()) {
    const before = stamps[place - 1], until = stamps[place + 1]?.token.genTime ?? at;
    const named = { chain: stamp.chain, number: stamp.number };
    // 3.1: digestAlgorithms names every algorithm that the data were hashed with
    if (!record.algorithms.includes(stamp.algorithm)) stamp.faults.push(["EVIDENCE_ALGORITHM", { ...named, expected: stamp.algorithm }]);
    if (before) stamp.faults.push(...await renewed(stamp, before, named));
    // 4.3, 3 and 4: up the tree; the root is what the token stamps. 5.3, 2: valid when the next one takes over
    const top = await root(stamp.lists, stamp.algorithm);
    stamp.faults.push(...await tokenFaults(stamp.token, stamp.algorithm, top, until));
  }
  return stamps;
}

async function renewed(stamp, before, named) {
  const found = [];
  // 5.1: in ascending order of time
  if (stamp.token.genTime < before.token.genTime) {
    found.push(["EVIDENCE_ORDER", { ...named, expected: before.token.genTime, found: stamp.token.genTime }]);
  }
  if (stamp.number === 1) return found; // what binds a chain to those before it runs through the data: `leaves`
  // 5.3, 2: one algorithm in a chain, and the first list holds the digest of the timestamp before
  if (stamp.algorithm !== before.algorithm) {
    found.push(["EVIDENCE_CHAIN_ALGORITHM", { ...named, expected: before.algorithm, found: stamp.algorithm }]);
  }
  const link = await digest(stamp.algorithm, before.token.octets);
  if (!stamp.lists[0].some((item) => equal(item, link))) found.push(["EVIDENCE_LINK", { ...named, expected: hex(link) }]);
  return found;
}

// 4.3, 3: each list sorted with the value from the one before, duplicates kept, and hashed; a first list of one digest
// goes up as it is (4.2)
export async function root(lists, algorithm) {
  let value = [];
  for (const list of lists) {
    const together = [...value, ...list].sort(compare);
    value = [together.length === 1 ? together[0] : await digest(algorithm, joined(together))];
  }
  return value[0];
}

// Which files each chain covers. `hashed(name, algorithm)` gives a file's digest.
// Returns {lost: [{member, chain, expected}], shown, total}; `total` counts the first list of the first chain.
export async function coverage(record, stamps, members, hashed) {
  const lost = [];
  let shown = 0, total = 0;
  for (const [place, earlier] of record.earlier.entries()) {
    const stamp = stamps.find((one) => one.chain === place + 1 && one.number === 1);
    const listed = new Set(stamp.lists[0].map(hex)), covered = new Set();
    const older = earlier && await digest(stamp.algorithm, earlier);
    for (const member of members) {
      let leaf = await hashed(member, stamp.algorithm);
      // hash-tree renewal: h' = H(h || ha), unsorted: 5.2 step 4, against its Figure 4
      if (older) leaf = await digest(stamp.algorithm, joined([leaf, older]));
      if (listed.has(hex(leaf))) covered.add(hex(leaf));
      else lost.push({ member, chain: stamp.chain, expected: hex(leaf) });
    }
    if (place === 0) [shown, total] = [covered.size, listed.size];
  }
  return { lost, shown, total };
}

// Whether a newer record continues an older one: nothing that was there is gone or changed (5.2). Only the newest
// token may have been completed with certificates and revocation data, which its signature does not cover.
export function continues(older, newer) {
  if (hex(newer.announced).indexOf(hex(older.announced)) !== 0 || newer.infos !== older.infos) return false;
  return older.chains.every((chain, place) => {
    const grown = newer.chains[place] ?? [], last = place === older.chains.length - 1;
    if (grown.length < chain.length || (!last && grown.length > chain.length)) return false;
    return chain.every((stamp, number) => {
      const now = grown[number];
      if (equal(stamp.octets, now.octets)) return true;
      return last && number === chain.length - 1 && stamp.head === now.head && completed(stamp.token, now.token);
    });
  });
}

// RFC 6283, 4.2: before it is renewed a token may be given more certificates, CRLs and OCSP answers, and with these the
// version that RFC 5652, 5.1 asks for; nothing that it held may go.
function completed(before, now) {
  const [one, two] = [before, now].map((token) => readToken(token).signed);
  return one.frozen === two.frozen && [...one.bag].every((item) => two.bag.has(item)) && [one.version, 5].includes(two.version);
}
