// A certificate as it reads (RFC 5280, 4.1); nothing in it is proven yet.

import { INTEGER, OID, SEQUENCE, hex, read } from "./asn1.js";
import { mechanism } from "./signature.js";

const NAMES = {
  "2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
  "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "T", "2.5.4.42": "GN", "2.5.4.97": "organizationIdentifier",
};
const BASIC_CONSTRAINTS = "2.5.29.19", KEY_USAGE = "2.5.29.15", EXTENDED_KEY_USAGE = "2.5.29.37",
  SUBJECT_KEY_IDENTIFIER = "2.5.29.14", CERTIFICATE_POLICIES = "2.5.29.32", SUBJECT_ALT_NAME = "2.5.29.17",
  QC_STATEMENTS = "1.3.6.1.5.5.7.1.3";
// those that a path may not ignore when they are critical, and that are read here (RFC 5280, 4.2)
const UNDERSTOOD = new Set([BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE, SUBJECT_KEY_IDENTIFIER,
  CERTIFICATE_POLICIES, SUBJECT_ALT_NAME, QC_STATEMENTS]);

export const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
export const DIGITAL_SIGNATURE = 0, NON_REPUDIATION = 1, KEY_CERT_SIGN = 5;

export class Certificate {
  constructor(octets) {
    const [tbs, algorithm, signature] = read(octets).take(SEQUENCE, SEQUENCE, 0x03);
    const fields = [...tbs.children];
    if (fields[0].tag === 0xa0) fields.shift();
    const [serial, , issuer, validity, subject, key] = fields;
    const [from, until] = validity.take(null, null);
    Object.assign(this, { octets, tbs: tbs.octets, algorithm, signature: signature.bits });
    Object.assign(this, { serial: serial.is(INTEGER).content, issuer: issuer.octets, subject: subject.octets });
    Object.assign(this, { from: from.time, until: until.time, key: key.octets });
    this.name = called(subject);
    this.subjectName = subject;
    this.common = called(subject, "CN") || this.name;
    this.issuerName = called(issuer);
    this.extensions = extensionsOf(fields.find((field) => field.tag === 0xa3));
  }

  get selfIssued() { return hex(this.issuer) === hex(this.subject); }

  // RFC 5280, 4.2.1.9
  get isCA() {
    const found = this.extensions.get(BASIC_CONSTRAINTS);
    return Boolean(found && found.value.maybe(0x01)?.content[0]);
  }

  get pathLength() {
    const number = this.extensions.get(BASIC_CONSTRAINTS)?.value.maybe(INTEGER);
    return number ? Number(number.integer) : Infinity;
  }

  // Whether it may be used so: bit numbers of RFC 5280, 4.2.1.3; without the extension for everything.
  allows(...usages) {
    const found = this.extensions.get(KEY_USAGE);
    const octets = found?.value.is(0x03).content.subarray(1);
    return !found || usages.some((bit) => octets[bit >> 3] & (0x80 >> (bit & 7)));
  }

  // RFC 3161, 2.3: for timestamping, for nothing else, and critical
  get isTimeStamping() {
    const found = this.extensions.get(EXTENDED_KEY_USAGE);
    const purposes = found ? found.value.is(SEQUENCE).children.map((purpose) => purpose.oid) : [];
    return Boolean(found && found.critical && purposes.length === 1 && purposes[0] === TIME_STAMPING);
  }

  // Whose it is: organizationIdentifier, else serialNumber, else this very certificate (EN 319 412-1, 5.1.3 and 5.1.4).
  get whose() {
    const code = ["2.5.4.97", "2.5.4.5"].map((kind) => [kind, attribute(this.subjectName, kind)]).find(([, value]) => value);
    return code ? code.join(" ") : `${hex(this.issuer)} ${hex(this.serial)}`;
  }

  get keyIdentifier() { return this.extensions.get(SUBJECT_KEY_IDENTIFIER)?.value.string; }

  get unknownCritical() {
    return [...this.extensions].filter(([oid, { critical }]) => critical && !UNDERSTOOD.has(oid)).map(([oid]) => oid);
  }

  get mechanism() { return mechanism(this.algorithm, ""); }
}

function extensionsOf(field) {
  const found = new Map();
  for (const extension of field ? field.children[0].is(SEQUENCE).children : []) {
    const parts = extension.take(OID);
    const critical = parts[1].tag === 0x01 && parts[1].content[0] !== 0;
    // read only when asked: what stands in an extension that nobody needs may be anything
    const octets = parts.at(-1).string;
    found.set(parts[0].oid, { critical, get value() { return read(octets); } });
  }
  return found;
}

function attribute(name, oid) {
  const pairs = name.is(SEQUENCE).children.flatMap((set) => set.children).map((pair) => pair.take(OID, null));
  return pairs.filter(([kind]) => kind.oid === oid).map(([, value]) => value.text).join(" ");
}

// A Name for people: `CN=..., O=..., C=IT`, or one attribute of it.
function called(name, only) {
  const parts = [];
  for (const set of name.is(SEQUENCE).children) {
    for (const pair of set.children) {
      const [kind, value] = pair.take(OID, null);
      const label = NAMES[kind.oid] ?? kind.oid;
      if (!only || label === only) parts.push(only ? value.text : `${label}=${value.text}`);
    }
  }
  return parts.join(", ");
}

