// What an index lists (UNI 11386:2020): paths and their digests. The index of a volume and that of the exhibit have
// the same form.

import { Malformed } from "./asn1.js";
import { parse } from "./xml.js";

// {id, volume, files: Map path -> sha256, sources: the same, signers: their codes, stamped}; a message's external metadata are files like
// any other, `stamped` says that the seal carries a time stamp.
export function readIndex(octets) {
  const root = parse(octets), files = new Map();
  if (root.name !== "PIndex") throw new Malformed(`expected PIndex, found ${root.name}`);
  for (const group of root.all("FileGroup")) {
    for (const file of group.all("File")) {
      add(files, file);
      for (const metadata of file.child("MoreInfo")?.all("ExternalMetadata") ?? []) add(files, metadata);
    }
  }
  const process = root.child("Process");
  const signers = [...process?.all("AuthorizedSigner") ?? []].flatMap((agent) => [...agent.all("AgentID")]);
  const [time] = process?.all("TimeInfo") ?? [];
  const sources = new Map();
  for (const source of root.child("SelfDescription")?.all("PIndexSource") ?? []) add(sources, source);
  return {
    files, sources,
    id: root.child("SelfDescription")?.child("ID")?.text ?? "",
    volume: root.child("PVolume")?.child("ID")?.text ?? "",
    signers: signers.map((code) => code.text.slice(code.text.lastIndexOf("-") + 1)),
    stamped: time?.attributes.attachedTimeStamp === "true",
  };
}

function add(files, node) {
  const path = node.child("Path")?.text ?? "", hash = node.child("Hash");
  if (!path || files.has(path)) throw new Malformed(`File: path ${JSON.stringify(path)} is empty or there twice`);
  if (hash?.attributes.hashFunction !== "SHA-256" || !/^[0-9a-f]{64}$/.test(hash.text)) throw new Malformed(`${path}: Hash`);
  files.set(path, hash.text);
}
