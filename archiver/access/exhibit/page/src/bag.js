// The wrapping (RFC 8493): bagit.txt, the manifests of what is in data/, the tagmanifests of all that is beside it.

const LINE = /^([0-9a-fA-F]+)[ \t]+\*?(.+)$/;
const TAGMANIFEST = /^tagmanifest-/;
export const ALGORITHMS = { sha256: 64, sha512: 128 };

// What is wrong, as [code, subject, parameters]. `hashed(name, algorithm)` gives a digest in hexadecimal digits.
export async function bagFaults(files, hashed) {
  const found = [], names = files.names;
  const text = async (name) => (files.has(name) ? new TextDecoder().decode(await files.read(name)) : null);
  // 2.1.1
  const declared = await text("bagit.txt");
  if (declared === null) found.push(["EXHIBIT_MANIFEST", "bagit.txt", { reason: "bagit.txt" }]);
  else if (!/^BagIt-Version: 1\.0\r?\nTag-File-Character-Encoding: UTF-8\r?\n?$/.test(declared)) {
    found.push(["EXHIBIT_MANIFEST", "bagit.txt", { reason: JSON.stringify(declared.slice(0, 80)) }]);
  }
  // 2.2.2: bytes and number of files, where they are stated
  const stated = /^Payload-Oxum:[ \t]*(\S+)/m.exec(await text("bag-info.txt") ?? "")?.[1];
  if (stated) {
    const payload = names.filter((name) => name.startsWith("data/"));
    let octets = 0;
    for (const name of payload) octets += await files.size(name);
    if (stated !== `${octets}.${payload.length}`) {
      found.push(["EXHIBIT_OXUM", "bag-info.txt", { expected: stated, found: `${octets}.${payload.length}` }]);
    }
  }
  for (const algorithm of Object.keys(ALGORITHMS)) {
    const payload = names.filter((name) => name.startsWith("data/"));
    const tags = names.filter((name) => !name.startsWith("data/") && !TAGMANIFEST.test(name));
    for (const [by, expected] of [[`manifest-${algorithm}.txt`, payload], [`tagmanifest-${algorithm}.txt`, tags]]) {
      const listed = linesOf(await text(by), by, ALGORITHMS[algorithm], found);
      if (listed) found.push(...await compared(listed, expected, by, files, (name) => hashed(name, algorithm)));
    }
  }
  return found;
}

// 2.1.3: one line a file, the path's CR, LF and % percent-encoded; null when the list cannot be used
function linesOf(text, by, digits, found) {
  const listed = new Map();
  if (text === null) {
    found.push(["EXHIBIT_MANIFEST", by, { reason: by }]);
    return null;
  }
  for (const line of text.split(/\r\n|\r|\n/).filter(Boolean)) {
    const [, digest, path] = LINE.exec(line) ?? [];
    const name = path?.replace(/%(25|0A|0D)/gi, (whole, code) => String.fromCharCode(parseInt(code, 16)));
    if (digest?.length !== digits || listed.has(name)) {
      found.push(["EXHIBIT_MANIFEST", by, { reason: JSON.stringify(line.slice(0, 200)) }]);
      return null;
    }
    listed.set(name, digest.toLowerCase());
  }
  return listed;
}

// 3: every file of the manifest is there, every file that is there is in the manifest, and every digest fits
export async function compared(listed, expected, by, files, hashed) {
  const found = [], rest = new Set(expected);
  for (const [name, digest] of listed) {
    rest.delete(name);
    if (!files.has(name)) found.push(["EXHIBIT_MISSING", name, { by }]);
    else {
      const computed = await hashed(name);
      if (computed !== digest) found.push(["EXHIBIT_DIGEST", name, { by, expected: digest, found: computed }]);
    }
  }
  for (const name of rest) found.push(["EXHIBIT_UNLISTED", name, { by }]);
  return found;
}
