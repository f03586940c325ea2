// What a reader hands over: a ZIP or a folder, picked or dropped. Returns Map name -> function that promises octets.

import { Refused } from "./files.js";
import { readZip } from "./zip.js";

const octets = async (file) => new Uint8Array(await file.arrayBuffer());

// From <input type=file>, with webkitdirectory or without.
export async function fromInput(list) {
  const found = [...list];
  if (found.length === 1 && !found[0].webkitRelativePath) return readZip(found[0]);
  return new Map(found.map((file) => [file.webkitRelativePath || file.name, () => octets(file)]));
}

// From a drop: entries must be asked for at once, before the event is over.
export async function fromDrop(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = [...transfer.files];
  if (files.length === 1 && !entries[0]?.isDirectory) return readZip(files[0]);
  const found = new Map();
  for (const entry of entries) if (entry) await walk(entry, "", found);
  if (!found.size) throw new Refused("EXHIBIT_MANIFEST", "", { reason: "-" });
  return found;
}

async function walk(entry, folder, found) {
  const name = folder + entry.name;
  if (entry.isFile) {
    found.set(name, async () => octets(await new Promise((done, failed) => entry.file(done, failed))));
    return;
  }
  const reader = entry.createReader();
  // a folder is read in portions until an empty one comes
  for (;;) {
    const portion = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!portion.length) return;
    for (const child of portion) await walk(child, `${name}/`, found);
  }
}
