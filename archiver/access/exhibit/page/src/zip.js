// A ZIP (APPNOTE 6.3) read by its central directory, one entry at a time, and bounded: what it promises is looked at
// before anything is unpacked, and nothing may unpack to more than it promised. Deflate is the browser's own.

import { joined } from "./asn1.js";
import { Refused } from "./files.js";

const END = 0x06054b50, CENTRAL = 0x02014b50, LOCAL = 0x04034b50;
const MOST_ENTRIES = 200_000, LARGEST = 4 * 2 ** 30, ALL = 16 * 2 ** 30, STEEPEST = 1100, NEWEST = 63; // deflate: at most 1:1032

// Map name -> function that promises its octets. `blob` is the file (Blob). Throws Refused.
export async function readZip(blob) {
  const tail = await piece(blob, Math.max(0, blob.size - 65_557), blob.size);
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== END) at--;
  if (at < 0) throw unreadable("end of central directory");
  const count = tail.getUint16(at + 10, true), size = tail.getUint32(at + 12, true), start = tail.getUint32(at + 16, true);
  if (count === 0xffff || size === 0xffffffff || start === 0xffffffff) throw new Refused("PAGE_ZIP64", "");
  if (start + size > blob.size) throw unreadable("central directory");
  const entries = entriesOf(blob, await piece(blob, start, start + size), count);
  const behind = tail.byteLength - at - 22 - tail.getUint16(at + 20, true);
  entries.notes = behind > 0 ? [["EXHIBIT_TRAILING", "", { size: behind }]] : [];
  return entries;
}

function entriesOf(blob, central, count) {
  const entries = new Map(), seen = new Set();
  let at = 0, total = 0, least = count ? Infinity : 0;
  for (let number = 0; number < count; number++) {
    if (at + 46 > central.byteLength || central.getUint32(at, true) !== CENTRAL) throw unreadable(`entry ${number + 1}`);
    const field = (offset) => central.getUint32(at + offset, true), short = (offset) => central.getUint16(at + offset, true);
    const entry = { flags: short(8), method: short(10), crc: field(16), packed: field(20), size: field(24), offset: field(42), version: short(6), mode: short(40) };
    least = Math.min(least, entry.offset);
    const name = nameOf(new Uint8Array(central.buffer, central.byteOffset + at + 46, short(28)));
    at += 46 + short(28) + short(30) + short(32);
    refuse(entry, name, blob);
    // one name for one file, also where capital letters and accents make no difference
    const folded = name.normalize("NFC").toLowerCase();
    if (seen.has(folded)) throw new Refused("EXHIBIT_ZIP_TWICE", name);
    seen.add(folded);
    total += entry.size;
    if (total > ALL || entries.size >= MOST_ENTRIES) throw new Refused("EXHIBIT_ZIP_TOO_LARGE", name, { reason: `${total} B, ${entries.size + 1}` });
    if (!name.endsWith("/")) entries.set(name, () => unpacked(blob, entry, name));
  }
  if (at !== central.byteLength) throw unreadable("central directory");
  if (least) throw unreadable(`${least} B, 0 B`); // before the first file: two programs would see two ZIPs
  return entries;
}

function nameOf(octets) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch {
    throw new Refused("EXHIBIT_ZIP_NAME", new TextDecoder("latin1").decode(octets), { reason: "UTF-8" });
  }
}

function refuse(entry, name, blob) {
  const parts = name.replace(/\/$/, "").split("/");
  if (parts.some((part) => !part || part === "." || part === "..") || /[\0-\x1f\\:]/.test(name)) {
    throw new Refused("EXHIBIT_ZIP_NAME", name, { reason: ".. / \\ :" });
  }
  if (entry.flags & 1) throw new Refused("EXHIBIT_ZIP_NAME", name, { reason: "cifrato / encrypted" });
  if ((entry.mode & 0o170000) === 0o120000) throw new Refused("EXHIBIT_ZIP_NAME", name, { reason: "collegamento / link" });
  if (entry.version > NEWEST) throw unreadable(`${name}: version ${entry.version}`);
  if (![0, 8].includes(entry.method) || (entry.method === 0 && entry.packed !== entry.size)) throw unreadable(`${name}: method ${entry.method}`);
  if (entry.size > LARGEST || entry.size > STEEPEST * (entry.packed + 1)) {
    throw new Refused("EXHIBIT_ZIP_TOO_LARGE", name, { reason: `${entry.packed} B : ${entry.size} B` });
  }
  if (entry.offset + 30 + entry.packed > blob.size) throw unreadable(name);
}

async function unpacked(blob, entry, name) {
  const head = await piece(blob, entry.offset, entry.offset + 30);
  if (head.byteLength < 30 || head.getUint32(0, true) !== LOCAL) throw unreadable(name);
  // 4.4.7: the same checksum here as there; one that was written as it came has it behind (bit 3)
  const stated = head.getUint32(14, true);
  if (stated !== entry.crc && (stated || !(entry.flags & 8))) throw unreadable(`${name}: CRC-32`);
  const start = entry.offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = blob.slice(start, start + entry.packed);
  const stream = entry.method === 8 ? packed.stream().pipeThrough(new DecompressionStream("deflate-raw")) : packed.stream();
  const chunks = [];
  let found = 0;
  try {
    for (const reader = stream.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      found += value.length;
      if (found > entry.size) {
        await reader.cancel();
        throw new Refused("EXHIBIT_ZIP_TOO_LARGE", name, { reason: `> ${entry.size} B` });
      }
      chunks.push(value);
    }
  } catch (error) {
    throw error instanceof Refused ? error : unreadable(`${name}: ${error.message}`);
  }
  const octets = joined(chunks);
  if (found !== entry.size || crc32(octets) !== entry.crc) throw unreadable(`${name}: CRC-32`);
  return octets;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, octet) => {
  let value = octet;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(octets) {
  let value = ~0;
  for (let at = 0; at < octets.length; at++) value = (value >>> 8) ^ TABLE[(value ^ octets[at]) & 0xff];
  return ~value >>> 0;
}

async function piece(blob, from, to) { return new DataView(await blob.slice(from, to).arrayBuffer()); }

const unreadable = (reason) => new Refused("EXHIBIT_ZIP_UNREADABLE", "", { reason });
