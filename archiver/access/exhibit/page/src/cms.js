// One CMS SignedData with one signer, opened (RFC 5652, 5), and whether it holds together (5.4, 5.6, 11).
//
// Nothing is re-encoded: what was signed is taken from the octets as they came, BER or DER.

import { Malformed, OCTET_STRING, OID, SEQUENCE, SET, equal, hex, read, rest, wrap } from "./asn1.js";
import { digest, digestName } from "./digest.js";
import { Unsupported, described, fits, mechanism } from "./signature.js";
import { Certificate } from "./x509.js";

export const DATA = "1.2.840.113549.1.7.1", TST_INFO = "1.2.840.113549.1.9.16.1.4";
const SIGNED_DATA = "1.2.840.113549.1.7.2";
const CONTENT_TYPE = "1.2.840.113549.1.9.3", MESSAGE_DIGEST = "1.2.840.113549.1.9.4", SIGNING_TIME = "1.2.840.113549.1.9.5",
  SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12", SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47",
  SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14";

// Throws Malformed for anything but a ContentInfo with SignedData and exactly one signer that signed attributes.
export function openSigned(octets, extra = []) {
  const [kind, wrapped] = read(octets).is(SEQUENCE).take(OID, 0xa0);
  if (kind.oid !== SIGNED_DATA) throw new Malformed(`expected SignedData, found ${kind.oid}`);
  const data = wrapped.take(SEQUENCE)[0];
  const [version, announced, encapsulated] = data.take(0x02, SET, SEQUENCE);
  const bags = data.children.slice(3);
  const signers = bags.pop()?.is(SET).children ?? [];
  if (signers.length !== 1) throw new Malformed(`expected exactly one signer, found ${signers.length}`);
  const certificates = certificatesOf(bags.find((bag) => bag.tag === 0xa0));
  const [type, content] = encapsulated.take(OID);
  const signed = {
    octets, certificates, contentType: type.oid,
    content: content ? content.take(null)[0].string : null,
    version: Number(version.integer),
    bag: new Set(bags.flatMap((bag) => bag.children.map((item) => hex(item.octets)))),
    frozen: [announced, encapsulated, signers[0]].map((part) => hex(part.octets)).join(" "),
    ...signerOf(signers[0]),
  };
  if (!announced.children.some((item) => digestName(item) === signed.digest)) throw new Malformed("digestAlgorithms");
  signed.certificate = meant(signed, [...certificates, ...extra]);
  return signed;
}

// What is wrong, as [code, parameters]. `content` is what was signed when it is not inside (S/MIME).
export async function faults(signed, expected, content = signed.content) {
  const found = [];
  const say = (code, parameters = {}) => found.push([code, parameters]);
  // 1. what was signed is what is there: content type and digest (RFC 5652, 11.1 and 11.2)
  if (signed.contentType !== expected || signed.attributeType !== expected) {
    say("CMS_CONTENT_TYPE", { expected, found: `${signed.contentType} / ${signed.attributeType}` });
  }
  const computed = await digest(signed.digest, content ?? new Uint8Array());
  if (!equal(computed, signed.messageDigest)) say("CMS_DIGEST", { expected: hex(signed.messageDigest), found: hex(computed) });
  // 2. the signer's certificate is there, and it is the one that was meant (RFC 5035, 5)
  if (!signed.certificate) return [...found, ["CMS_SIGNER_ABSENT", {}]];
  const { reference } = signed;
  if (!reference) say("CMS_REFERENCE_ABSENT");
  else if (!(await refers(reference, signed.certificate))) say("CMS_REFERENCE", { expected: hex(reference.digest) });
  // 3. the signature itself (RFC 5652, 5.4)
  try {
    const good = await fits(signed.certificate.key, signed.mechanism(), signed.signature, signed.signedOctets);
    if (!good) say("CMS_SIGNATURE", { algorithm: described(signed.mechanism()) });
  } catch (error) {
    if (error instanceof Unsupported) say("PAGE_NOT_COMPUTED", { algorithm: error.message });
    else say("CMS_ALGORITHM", { reason: String(error.message ?? error) });
  }
  return found;
}

function certificatesOf(bag) {
  // other kinds of CertificateChoices are passed over (RFC 5652, 10.2.2)
  return (bag?.children ?? []).filter((item) => item.tag === SEQUENCE).map((item) => new Certificate(item.octets));
}

function signerOf(signer) {
  const parts = signer.is(SEQUENCE).children;
  const [, sid, algorithm] = parts;
  const at = parts.findIndex((part) => part.tag === 0xa0);
  // with subjectKeyIdentifier the sid itself is [0], but primitive: 0x80
  if (at !== 3) throw new Malformed("the signer signed no attributes");
  const attributes = parts[3];
  const digestOf = digestName(algorithm);
  const signatureAlgorithm = parts[4].is(SEQUENCE);
  const type = only(attributes, CONTENT_TYPE), imprint = only(attributes, MESSAGE_DIGEST);
  if (!type || !imprint) throw new Malformed("signed attributes: expected content-type and message-digest");
  return {
    sid, digest: digestOf,
    attributeType: type.oid,
    messageDigest: imprint.is(OCTET_STRING).content,
    reference: referenceOf(attributes),
    signingTime: only(attributes, SIGNING_TIME)?.time ?? null,
    // under the tag of a SET OF, otherwise as they came: never sorted again (RFC 5652, 5.4)
    signedOctets: wrap(SET, attributes.content),
    mechanism: () => mechanism(signatureAlgorithm, digestOf),
    signature: parts[5].is(OCTET_STRING).content,
    tokens: tokensOf(parts.find((part, place) => place > 5 && part.tag === 0xa1)),
  };
}

// The one value of the one attribute of this kind; null without one (RFC 5652, 11: never two).
function only(attributes, kind) {
  const values = attributes.children.filter((item) => item.take(OID, SET)[0].oid === kind).flatMap((item) => item.children[1].children);
  if (values.length > 1) throw new Malformed(`signed attribute ${kind}: expected one value, found ${values.length}`);
  return values[0] ?? null;
}

// ESSCertIDv2 (RFC 5035, 3), or ESSCertID of RFC 2634
function referenceOf(attributes) {
  const second = only(attributes, SIGNING_CERTIFICATE_V2), found = second ?? only(attributes, SIGNING_CERTIFICATE);
  if (!found) return null;
  const fields = found.take(SEQUENCE)[0].take(SEQUENCE)[0].children;
  const named = second && fields[0].tag === SEQUENCE ? digestName(fields[0]) : second ? "sha256" : "sha1";
  const imprint = fields.find((field) => field.tag === OCTET_STRING);
  const issuerSerial = fields.find((field, at) => field.tag === SEQUENCE && (at > 0 || !second));
  const serial = issuerSerial?.maybe(0x02)?.content ?? null;
  return { version: second ? 2 : 1, algorithm: named, digest: imprint.content, serial };
}

async function refers(reference, certificate) {
  if (reference.serial && !equal(reference.serial, certificate.serial)) return false;
  return equal(await digest(reference.algorithm, certificate.octets), reference.digest);
}

// The certificate that the signer names: by issuer and number, or by key identifier (RFC 5652, 5.3).
function meant({ sid }, certificates) {
  const byKey = sid.tag === 0x80;
  const [issuer, serial] = byKey ? [] : sid.take(SEQUENCE, 0x02);
  const named = (one) => byKey
    ? one.keyIdentifier && equal(one.keyIdentifier, sid.content)
    : equal(one.issuer, issuer.octets) && equal(one.serial, serial.content);
  return certificates.find(named) ?? null;
}

// Signature timestamps, octets as found (EN 319 122-1, 5.3).
function tokensOf(unsigned) {
  const found = [];
  for (const item of unsigned?.children ?? []) {
    const [kind, values] = item.take(OID, SET);
    if (kind.oid !== SIGNATURE_TIMESTAMP) continue;
    for (let left = values.content; left.length;) {
      const token = rest(left).octets;
      found.push(token);
      left = left.subarray(token.length);
    }
  }
  return found;
}
