// Whether a signature was made with the key of a certificate. WebCrypto where it can, @noble/curves where it cannot.
//
// RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017), ECDSA (FIPS 186-5; RFC 5480; RFC 5639), Ed25519 and Ed448 (RFC 8032).

import { ed25519 } from "@noble/curves/ed25519.js";
import { ed448 } from "@noble/curves/ed448.js";
import { brainpoolP256r1, brainpoolP384r1, brainpoolP512r1 } from "@noble/curves/misc.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";

import { Malformed, OID, SEQUENCE, read } from "./asn1.js";
import { WEBCRYPTO, digest, digestName } from "./digest.js";

const RSA = "1.2.840.113549.1.1.1", PSS = "1.2.840.113549.1.1.10", EC = "1.2.840.10045.2.1";
const ED25519 = "1.3.101.112", ED448 = "1.3.101.113";
export const CURVES = {
  "1.2.840.10045.3.1.7": { name: "secp256r1", native: "P-256", noble: p256, bits: 256 },
  "1.3.132.0.34": { name: "secp384r1", native: "P-384", noble: p384, bits: 384 },
  "1.3.132.0.35": { name: "secp521r1", native: "P-521", noble: p521, bits: 521 },
  "1.3.132.0.10": { name: "secp256k1", noble: secp256k1, bits: 256 },
  "1.3.36.3.3.2.8.1.1.7": { name: "brainpoolp256r1", noble: brainpoolP256r1, bits: 256 },
  "1.3.36.3.3.2.8.1.1.11": { name: "brainpoolp384r1", noble: brainpoolP384r1, bits: 384 },
  "1.3.36.3.3.2.8.1.1.13": { name: "brainpoolp512r1", noble: brainpoolP512r1, bits: 512 },
};
// signature algorithms that name their digest: RFC 3279, 4055, 5758; NIST CSOR for SHA-3
const MECHANISMS = {
  "1.2.840.113549.1.1.5": ["rsassa_pkcs1v15", "sha1"],
  "1.2.840.113549.1.1.14": ["rsassa_pkcs1v15", "sha224"],
  "1.2.840.113549.1.1.11": ["rsassa_pkcs1v15", "sha256"],
  "1.2.840.113549.1.1.12": ["rsassa_pkcs1v15", "sha384"],
  "1.2.840.113549.1.1.13": ["rsassa_pkcs1v15", "sha512"],
  "2.16.840.1.101.3.4.3.14": ["rsassa_pkcs1v15", "sha3_256"],
  "2.16.840.1.101.3.4.3.15": ["rsassa_pkcs1v15", "sha3_384"],
  "2.16.840.1.101.3.4.3.16": ["rsassa_pkcs1v15", "sha3_512"],
  "1.2.840.10045.4.1": ["ecdsa", "sha1"],
  "1.2.840.10045.4.3.1": ["ecdsa", "sha224"],
  "1.2.840.10045.4.3.2": ["ecdsa", "sha256"],
  "1.2.840.10045.4.3.3": ["ecdsa", "sha384"],
  "1.2.840.10045.4.3.4": ["ecdsa", "sha512"],
  "2.16.840.1.101.3.4.3.10": ["ecdsa", "sha3_256"],
  "2.16.840.1.101.3.4.3.11": ["ecdsa", "sha3_384"],
  "2.16.840.1.101.3.4.3.12": ["ecdsa", "sha3_512"],
  [ED25519]: ["ed25519", ""],
  [ED448]: ["ed448", ""],
};

// What this page cannot compute: said, never taken for good or bad.
export class Unsupported extends Error {}

// A signatureAlgorithm, as {name, digest, mask, salt}; `implied` is the digest where it names none (RFC 5652, 10.1.2).
export function mechanism(identifier, implied) {
  const [kind, parameters] = identifier.take(OID);
  if (kind.oid === RSA) return { name: "rsassa_pkcs1v15", digest: implied };
  if (kind.oid === PSS) return pss(parameters);
  const known = MECHANISMS[kind.oid];
  if (!known) throw new Unsupported(`signature algorithm ${kind.oid}`);
  return { name: known[0], digest: known[1] };
}

// RFC 4055, 3.1: the defaults are SHA-1 and 20
function pss(parameters) {
  const field = (tag) => parameters?.maybe(tag)?.children[0];
  const mask = field(0xa1);
  return {
    name: "rsassa_pss",
    digest: field(0xa0) ? digestName(field(0xa0)) : "sha1",
    mask: mask ? digestName(mask.take(OID, SEQUENCE)[1]) : "sha1",
    salt: field(0xa2) ? Number(field(0xa2).integer) : 20,
  };
}

export const described = (how) => [how.name, how.digest].filter(Boolean).join(" ");

// Whether `signature` over `data` fits the key (SubjectPublicKeyInfo, DER). Throws Unsupported or Malformed.
export async function fits(spki, how, signature, data) {
  const [algorithm, key] = read(spki).take(SEQUENCE, 0x03);
  const [kind, parameters] = algorithm.take(OID);
  const oid = kind.oid;
  if (how.name.startsWith("rsa") && (oid === RSA || oid === PSS)) return rsa(key.bits, how, signature, data);
  if (how.name === "ecdsa" && oid === EC) return ecdsa(parameters.oid, key.bits, how, signature, data);
  if (how.name === "ed25519" && oid === ED25519) return quiet(() => ed25519.verify(signature, data, key.bits));
  if (how.name === "ed448" && oid === ED448) return quiet(() => ed448.verify(signature, data, key.bits));
  throw new Unsupported(`${how.name} with a key of ${oid}`);
}

async function rsa(key, how, signature, data) {
  const [modulus, exponent] = read(key).take(0x02, 0x02);
  const name = WEBCRYPTO[how.digest];
  if (!name || (how.name === "rsassa_pss" && how.mask !== how.digest)) throw new Unsupported(`${described(how)} (RSA)`);
  const scheme = how.name === "rsassa_pss" ? { name: "RSA-PSS", saltLength: how.salt } : { name: "RSASSA-PKCS1-v1_5" };
  const jwk = { kty: "RSA", n: base64url(unsigned(modulus.content)), e: base64url(unsigned(exponent.content)) };
  const imported = await native({ ...scheme, hash: name }, jwk);
  return crypto.subtle.verify(scheme, imported, signature, data);
}

async function ecdsa(oid, point, how, signature, data) {
  const curve = CURVES[oid];
  if (!curve) throw new Unsupported(`curve ${oid}`);
  const size = Math.ceil(curve.bits / 8);
  const plain = concatenated(signature, size);
  if (!plain) return false;
  if (curve.native && WEBCRYPTO[how.digest] && point[0] === 4) {
    const part = (at) => base64url(point.subarray(1 + at * size, 1 + (at + 1) * size));
    const jwk = { kty: "EC", crv: curve.native, x: part(0), y: part(1) };
    const key = await native({ name: "ECDSA", namedCurve: curve.native }, jwk).catch(() => null);
    if (key) return crypto.subtle.verify({ name: "ECDSA", hash: WEBCRYPTO[how.digest] }, key, plain, data);
  }
  const value = await digest(how.digest, data);
  return quiet(() => curve.noble.verify(plain, value, point, { prehash: false, lowS: false }));
}

// Ecdsa-Sig-Value (RFC 3279, 2.2.3) as r and s, each of the curve's size; null for what is none.
function concatenated(signature, size) {
  try {
    const plain = new Uint8Array(2 * size);
    read(signature, { der: true }).take(0x02, 0x02).forEach((number, at) => {
      const octets = number.content[0] === 0 ? number.content.subarray(1) : number.content;
      if (at > 1 || octets.length > size) throw new Malformed("Ecdsa-Sig-Value");
      plain.set(octets, (at + 1) * size - octets.length);
    });
    return plain;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

const native = (algorithm, jwk) => crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);

// noble throws for a point or a number that is none: then the signature does not fit.
function quiet(check) {
  try {
    return check();
  } catch {
    return false;
  }
}

function base64url(octets) {
  const text = btoa(String.fromCharCode(...octets));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// An INTEGER that is not negative, without leading zeros (RFC 7518, 6.3.1.1).
const unsigned = (octets) => octets.subarray(Math.max(octets.findIndex((octet) => octet !== 0), 0));
