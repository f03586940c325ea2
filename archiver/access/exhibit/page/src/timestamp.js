// A timestamp token (RFC 3161, 2.4.2), and whether it stamps a digest.

import { spent, usedBy } from "./algorithms.js";
import { GENERALIZED_TIME, INTEGER, Malformed, OCTET_STRING, OID, SEQUENCE, equal, hex, read } from "./asn1.js";
import { TST_INFO, faults, openSigned } from "./cms.js";
import { digestName } from "./digest.js";

const MARGIN = 5 * 60 * 1000; // how far an authority's clock may be from ours

export function readToken(octets, extra = []) {
  const signed = openSigned(octets, extra);
  const info = read(signed.content ?? new Uint8Array()).is(SEQUENCE).take(INTEGER, OID, SEQUENCE, INTEGER, GENERALIZED_TIME);
  if (info[0].integer !== 1n) throw new Malformed("TSTInfo: expected version 1");
  const [algorithm, imprint] = info[2].take(SEQUENCE, OCTET_STRING);
  return { octets, signed, genTime: info[4].time, algorithm: digestName(algorithm), imprint: imprint.content };
}

// What is wrong with it as a stamp over `data` (a digest by `algorithm`), when `until` is the moment from which
// something younger vouches for it, or that of judging.
export async function tokenFaults(token, algorithm, data, until) {
  const found = [];
  const { certificate } = token.signed;
  // 1. it stamps this digest: algorithm and value (RFC 3161, 2.4.2)
  if (token.algorithm !== algorithm || !equal(token.imprint, data)) {
    found.push(["TOKEN_IMPRINT", { expected: `${algorithm}:${hex(data)}`, found: `${token.algorithm}:${hex(token.imprint)}` }]);
  }
  // 2. content, attributes, certificate meant and signature fit each other
  found.push(...await faults(token.signed, TST_INFO));
  if (certificate) {
    // 3. a certificate for timestamping, and for nothing else, critical (2.3)
    if (!certificate.isTimeStamping) found.push(["TOKEN_USAGE", {}]);
    // 4. given while that certificate was valid
    if (token.genTime < certificate.from || token.genTime > certificate.until) {
      found.push(["TOKEN_OUTSIDE_CERTIFICATE", { start: certificate.from, end: certificate.until, found: token.genTime }]);
    } else if (until > certificate.until) {
      // 5. what has expired since should have been renewed before (RFC 4998, 5.3)
      found.push(["TOKEN_RENEWAL_OVERDUE", { name: certificate.common, end: certificate.until, at: until }]);
    }
  }
  // its algorithms could be trusted then, and still can
  for (const used of [[token.algorithm, 0], ...usedBy(token.signed)]) {
    const before = spent([used], token.genTime);
    found.push(...(before.length ? before : spent([used], until)));
  }
  // 6. it does not come from the future (EN 319 102-1, 5.5)
  if (token.genTime > until + MARGIN) found.push(["TOKEN_FROM_FUTURE", { found: token.genTime, at: until }]);
  return found;
}

