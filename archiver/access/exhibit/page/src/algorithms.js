// Until when each algorithm may be trusted (ETSI TS 119 312 V1.5.1; older ones: the DSS crypto suite): the last day.

import { Malformed, OID, SEQUENCE, read } from "./asn1.js";
import { CURVES, Unsupported } from "./signature.js";

const NEVER = "9999-12-31";
const MODERN = ["sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "shake256", "ed25519", "ed448",
  "secp256r1", "secp384r1", "secp521r1", "brainpoolp256r1", "brainpoolp384r1", "brainpoolp512r1"];
// for keys of at least so many bits, the largest first
const TERMS = {
  ...Object.fromEntries(MODERN.map((name) => [name, [[0, NEVER]]])),
  sha1: [[0, "2012-08-01"]], sha224: [[0, "2028-12-31"]],
  rsassa_pkcs1v15: [[1900, "2028-12-31"], [1024, "2019-10-01"]],
  rsassa_pss: [[3000, NEVER], [1900, "2028-12-31"], [1024, "2019-10-01"]],
  ecdsa: [[256, NEVER], [224, "2021-10-01"]],
};

// What could not be trusted any more at `at` (EN 319 102-1, 5.2.8), as [code, parameters]; `used` are [name, bits].
export function spent(used, at) {
  const day = new Date(at).toISOString().slice(0, 10), found = [];
  for (const [name, bits] of used) {
    const last = (TERMS[name] ?? []).find(([least]) => bits >= least)?.[1];
    if (!last) found.push(["ALGORITHM_UNKNOWN", { name, bits, source: "ETSI TS 119 312" }]);
    else if (last !== NEVER && day > last) found.push(["ALGORITHM_SPENT", { name, bits, end: last, at: day, source: "ETSI TS 119 312" }]);
  }
  return found;
}

// What a signature rests on, with the bits of the key, as [name, bits].
export function usedBy(signed) {
  const digests = [[signed.digest, 0]];
  try {
    const how = signed.mechanism();
    const edwards = how.name.startsWith("ed");
    if (!edwards && how.digest !== signed.digest) digests.push([how.digest, 0]);
    return signed.certificate ? [...digests, ...ofKey(signed.certificate.key, how.name)] : digests;
  } catch (error) {
    if (error instanceof Malformed || error instanceof Unsupported) return digests; // said where the signature is computed
    throw error;
  }
}

function ofKey(spki, name) {
  const [algorithm, key] = read(spki).take(SEQUENCE, 0x03);
  if (name.startsWith("ed")) return [[name, 256]];
  if (name.startsWith("rsa")) return [[name, read(key.bits).take(0x02)[0].integer.toString(2).length]];
  const curve = CURVES[algorithm.take(OID)[1]?.oid];
  return curve ? [[name, curve.bits], [curve.name, 0]] : [[name, 0]];
}
