// The page's signatures and digests on stdin's table: [{kind, ...}] -> the answers. Octets are base64.

import { readFileSync } from "node:fs";

import { hex, read } from "../../archiver/access/exhibit/page/src/asn1.js";
import { digest } from "../../archiver/access/exhibit/page/src/digest.js";
import { Unsupported, fits, mechanism } from "../../archiver/access/exhibit/page/src/signature.js";
import { readRecord, root } from "../../archiver/access/exhibit/page/src/record.js";
import { parse } from "../../archiver/access/exhibit/page/src/xml.js";

const octets = (text) => new Uint8Array(Buffer.from(text, "base64"));

const answers = {
  signature: async ({ spki, algorithm, implied, signature, data }) => {
    const how = mechanism(read(octets(algorithm)), implied);
    return fits(octets(spki), how, octets(signature), octets(data));
  },
  digest: async ({ name, data }) => hex(await digest(name, octets(data))),
  root: async ({ lists, algorithm }) => hex(await root(lists.map((list) => list.map(octets)), algorithm)),
  record: async ({ data }) => readRecord(octets(data)).chains.map((chain) => chain.length),
  asn1: async ({ data }) => walk(read(octets(data))),
  xml: async ({ data }) => parse(octets(data)).name,
};

function walk(value) {
  return value.constructed ? value.children.map(walk) : hex(value.content);
}

const found = [];
for (const { kind, ...asked } of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    found.push(await answers[kind](asked));
  } catch (error) {
    found.push(error instanceof Unsupported ? "unsupported" : `refused: ${error.constructor.name}`);
  }
}
console.log(JSON.stringify(found));
