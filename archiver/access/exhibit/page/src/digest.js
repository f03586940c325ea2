// Digests by name. WebCrypto computes what it knows (FIPS 180-4); @noble/hashes the rest (FIPS 202, SHA-224).

import { sha224 } from "@noble/hashes/sha2.js";
import { sha3_224, sha3_256, sha3_384, sha3_512, shake256 } from "@noble/hashes/sha3.js";

import { Malformed } from "./asn1.js";

const NATIVE = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" };
const NOBLE = {
  sha224, sha3_224, sha3_256, sha3_384, sha3_512,
  shake256: (octets) => shake256(octets, { dkLen: 64 }), // 512 bits: RFC 8419, 2.3
};
export const WEBCRYPTO = NATIVE;

// RFC 5754, 2; RFC 8702, 3.1; NIST CSOR
export const DIGESTS = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.4": "sha224",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
  "2.16.840.1.101.3.4.2.7": "sha3_224",
  "2.16.840.1.101.3.4.2.8": "sha3_256",
  "2.16.840.1.101.3.4.2.9": "sha3_384",
  "2.16.840.1.101.3.4.2.10": "sha3_512",
  "2.16.840.1.101.3.4.2.12": "shake256",
  "2.16.840.1.101.3.4.2.18": "shake256", // with its length
};

// The name of an AlgorithmIdentifier's digest.
export function digestName(identifier) {
  const oid = identifier.take(0x06)[0].oid;
  if (!DIGESTS[oid]) throw new Malformed(`digest algorithm: ${oid}`);
  return DIGESTS[oid];
}

export async function digest(name, octets) {
  if (NATIVE[name]) return new Uint8Array(await crypto.subtle.digest(NATIVE[name], octets));
  if (NOBLE[name]) return NOBLE[name](octets);
  throw new Malformed(`digest algorithm: ${name}`);
}
