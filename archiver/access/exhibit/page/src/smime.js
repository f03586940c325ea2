// The two parts of a multipart/signed (RFC 1847): what a provider signed, and its signature, cut out of the octets as
// they came. The signed part ends before the line end that belongs to the boundary.

import { joined } from "./asn1.js";

const PROTOCOL = /application\/(x-)?pkcs7-signature/i;
const LARGEST = 1 << 20;

// {contents, signature}, or null for a message without such a signature.
export function signedParts(raw) {
  const text = new TextDecoder("latin1").decode(raw); // one character an octet, as far as structure goes
  const end = /\r?\n\r?\n/.exec(text);
  if (!end) return null;
  const head = text.slice(0, end.index).replace(/\r?\n[ \t]+/g, " ");
  const type = /^content-type:(.*)$/im.exec(head)?.[1] ?? "";
  if (!/^\s*multipart\/signed\b/i.test(type)) return null;
  const boundary = /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i.exec(type);
  if (!boundary) return null;
  const marks = delimiters(text, end.index + end[0].length, (boundary[1]?.replace(/\\(.)/g, "$1")) ?? boundary[2]);
  if (marks.length < 2) return null;
  const [first, second, third] = marks;
  const signature = text.slice(second.after, third ? third.before : text.length);
  const split = /\r?\n\r?\n/.exec(signature);
  if (!split || !PROTOCOL.test(signature.slice(0, split.index)) || signature.length > LARGEST) return null;
  const content = raw.subarray(first.after, second.before);
  return { contents: tries(content), signature: base64(signature.slice(split.index)) };
}

// Where lines `--boundary` begin (without the line end before) and end, after `from`.
function delimiters(text, from, boundary) {
  const found = [];
  for (let at = text.indexOf(`--${boundary}`, from); at >= 0; at = text.indexOf(`--${boundary}`, at + 1)) {
    if (at > from && text[at - 1] !== "\n") continue;
    const line = text.indexOf("\n", at), rest = text.slice(at + 2 + boundary.length, line < 0 ? text.length : line);
    if (!/^(--)?[ \t]*\r?$/.test(rest)) continue;
    const before = text[at - 2] === "\r" ? at - 2 : at - 1;
    found.push({ before: Math.max(before, from), after: line < 0 ? text.length : line + 1 });
  }
  return found;
}

// The octets as they came and, should line ends have been changed on the way, with CRLF (RFC 8551, 3.1.1).
function* tries(octets) {
  yield octets;
  const bare = [];
  octets.forEach((octet, at) => { if (octet === 10 && octets[at - 1] !== 13) bare.push(at); });
  if (!bare.length) return;
  const pieces = [], cr = Uint8Array.of(13);
  let from = 0;
  for (const at of bare) {
    pieces.push(octets.subarray(from, at), cr);
    from = at;
  }
  yield joined([...pieces, octets.subarray(from)]);
}

function base64(text) {
  const letters = text.replace(/[^A-Za-z0-9+/]/g, "");
  return Uint8Array.from(atob(letters.slice(0, letters.length - (letters.length % 4 === 1 ? 1 : 0))), (one) => one.charCodeAt(0));
}
