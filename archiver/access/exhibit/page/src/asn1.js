// One value of ASN.1 in BER or DER (ITU-T X.690), as it lies in the octets: nothing is ever encoded again.
//
// `read` takes one value and nothing behind it; `rest` takes the first of several. With `der` the lengths must be
// those of DER: an evidence record is hashed by others with its headers, so these must have one form only.

export class Malformed extends Error {}

export const BOOLEAN = 0x01, INTEGER = 0x02, BIT_STRING = 0x03, OCTET_STRING = 0x04, OID = 0x06, SEQUENCE = 0x30,
  SET = 0x31, UTC_TIME = 0x17, GENERALIZED_TIME = 0x18;

const DEEPEST = 100;

export class Value {
  // `octets`: the whole value; `content`: what is inside; `tag`: its first octet; both are views, not copies
  constructor(octets, tag, content, der, depth) {
    Object.assign(this, { octets, tag, content, der, depth });
  }

  get constructed() { return (this.tag & 0x20) !== 0; }

  // The values inside, in order.
  get children() {
    if (this.inside) return this.inside;
    if (!this.constructed) throw new Malformed(`tag ${hex2(this.tag)}: nothing can be inside`);
    if (this.depth > DEEPEST) throw new Malformed("too deep");
    const found = [];
    for (let left = this.content; left.length;) {
      const next = first(left, this.der, this.depth + 1);
      found.push(next);
      left = left.subarray(next.octets.length);
    }
    return this.inside = found;
  }

  // The children, which must begin with values of these tags (null: any).
  take(...tags) {
    const found = this.children;
    tags.forEach((tag, at) => {
      if (!found[at] || (tag !== null && found[at].tag !== tag)) {
        throw new Malformed(`expected tag ${hex2(tag ?? 0)} as number ${at + 1}, found ${found[at] ? hex2(found[at].tag) : "nothing"}`);
      }
    });
    return found;
  }

  is(tag) {
    if (this.tag !== tag) throw new Malformed(`expected tag ${hex2(tag)}, found ${hex2(this.tag)}`);
    return this;
  }

  // The child with a tag, or undefined.
  maybe(tag) { return this.children.find((child) => child.tag === tag); }

  get oid() {
    const parts = [];
    let number = 0n;
    for (const octet of this.is(OID).content) {
      number = (number << 7n) | BigInt(octet & 0x7f);
      if (octet & 0x80) continue;
      if (!parts.length) {
        const root = number < 40n ? 0n : number < 80n ? 1n : 2n;
        parts.push(root, number - 40n * root);
      } else parts.push(number);
      number = 0n;
    }
    return parts.join(".");
  }

  // An INTEGER, which may be long.
  get integer() {
    const { content } = this.is(INTEGER);
    let number = 0n;
    for (const octet of content) number = (number << 8n) | BigInt(octet);
    return content.length && content[0] & 0x80 ? number - (1n << BigInt(8 * content.length)) : number;
  }

  // An OCTET STRING, its pieces joined when it came in pieces (X.690, 8.7); also one with an IMPLICIT tag.
  get string() {
    if (!this.constructed) return this.content;
    return joined(this.children.map((child) => child.string));
  }

  // A BIT STRING of whole octets.
  get bits() {
    const { content } = this.is(BIT_STRING);
    if (content[0] !== 0) throw new Malformed("BIT STRING: expected whole octets");
    return content.subarray(1);
  }

  // UTCTime or GeneralizedTime in UTC, with seconds (RFC 5280, 4.1.2.5; RFC 3161, 2.4.2), as milliseconds.
  get time() {
    const text = String.fromCharCode(...this.content);
    const year = this.tag === UTC_TIME ? 2 : this.tag === GENERALIZED_TIME ? 4 : 0;
    const found = new RegExp(`^(\\d{${year}})(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)(\\.\\d+)?Z$`).exec(text);
    if (!year || !found) throw new Malformed(`expected a time in UTC, found ${JSON.stringify(text.slice(0, 30))}`);
    const [, head, month, day, hour, minute, second, fraction] = found;
    const whole = year === 4 ? +head : +head < 50 ? 2000 + +head : 1900 + +head;
    const at = new Date(0);
    at.setUTCFullYear(whole, +month - 1, +day);
    at.setUTCHours(+hour, +minute, +second, Math.floor(1000 * Number(`0${fraction ?? ""}`)));
    return at.getTime();
  }

  // Any string type, for people.
  get text() {
    if (this.tag === 0x1e) { // BMPString
      let text = "";
      for (let at = 0; at + 1 < this.content.length; at += 2) text += String.fromCharCode(this.content[at] << 8 | this.content[at + 1]);
      return text;
    }
    return new TextDecoder(this.tag === 0x0c ? "utf-8" : "latin1").decode(this.content);
  }
}

export function read(octets, { der = false } = {}) {
  const value = first(octets, der, 0);
  if (value.octets.length !== octets.length) throw new Malformed(`${octets.length - value.octets.length} octets too many`);
  return value;
}

// The first value in `octets`, whatever follows.
export const rest = (octets, { der = false } = {}) => first(octets, der, 0);

// A header in DER before this content.
export function wrap(tag, content) {
  const length = [];
  for (let left = content.length; left; left = Math.floor(left / 256)) length.unshift(left & 0xff);
  const header = content.length < 0x80 ? [tag, content.length] : [tag, 0x80 | length.length, ...length];
  return joined([Uint8Array.from(header), content]);
}

export function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
}

// Bytewise, unsigned.
export function compare(one, two) {
  const shared = Math.min(one.length, two.length);
  for (let at = 0; at < shared; at++) if (one[at] !== two[at]) return one[at] - two[at];
  return one.length - two.length;
}

export const equal = (one, two) => compare(one, two) === 0;

const DIGITS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));
const hex2 = (octet) => DIGITS[octet];
export const hex = (octets) => Array.from(octets, hex2).join("");

function first(octets, der, depth) {
  if (octets.length < 2) throw new Malformed("expected a value, found its end");
  const tag = octets[0];
  if ((tag & 0x1f) === 0x1f) throw new Malformed("tag of several octets");
  const [start, length] = lengthOf(octets, der);
  if (length >= 0) {
    if (start + length > octets.length) throw new Malformed(`expected ${length} octets, found ${octets.length - start}`);
    return new Value(octets.subarray(0, start + length), tag, octets.subarray(start, start + length), der, depth);
  }
  return indefinite(octets, tag, depth);
}

// X.690, 8.1.3: definite or (BER) indefinite, which is -1; in DER as short as it can be (10.1)
function lengthOf(octets, der) {
  const head = octets[1];
  if (head < 0x80) return [2, head];
  const size = head - 0x80;
  if (size === 0 && !der && octets[0] & 0x20) return [2, -1];
  if (size === 0 || size > 4 || octets.length < 2 + size) throw new Malformed("length");
  let length = 0;
  for (let at = 0; at < size; at++) length = length * 256 + octets[2 + at];
  if (der && (length < 0x80 || octets[2] === 0)) throw new Malformed("length is not DER");
  return [2 + size, length];
}

// X.690, 8.1.3.6: values up to an end-of-contents
function indefinite(octets, tag, depth) {
  if (depth > DEEPEST) throw new Malformed("too deep");
  const found = [];
  for (let at = 2; ;) {
    if (octets[at] === 0 && octets[at + 1] === 0) {
      const value = new Value(octets.subarray(0, at + 2), tag, octets.subarray(2, at), false, depth);
      value.inside = found;
      return value;
    }
    const next = first(octets.subarray(at), false, depth + 1);
    found.push(next);
    at += next.octets.length;
  }
}
