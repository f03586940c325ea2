// The page's judge without a page: `node judge.mjs SEVERITIES.json MILLISECONDS FOLDER-OR-ZIP...`, the steps as JSON.

import { openAsBlob, readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";

import { Refused, exhibitIn } from "../../archiver/access/exhibit/page/src/files.js";
import { Judge } from "../../archiver/access/exhibit/page/src/judge.js";
import { readZip } from "../../archiver/access/exhibit/page/src/zip.js";

const [, , severities, at, ...given] = process.argv;
const severity = JSON.parse(readFileSync(severities, "utf8"));

function folder(root) {
  const names = readdirSync(root, { recursive: true }).filter((name) => statSync(join(root, name)).isFile());
  const slashed = (name) => relative(root, join(root, name)).split(sep).join("/");
  return new Map(names.map((name) => [slashed(name), async () => new Uint8Array(readFileSync(join(root, name)))]));
}

async function judged(path) {
  try {
    const entries = statSync(path).isDirectory() ? folder(path) : await readZip(await openAsBlob(path));
    const judge = new Judge(exhibitIn(entries), { at: Number(at), severity: (code) => severity[code] });
    const { outcome, steps } = await judge.judge();
    return { outcome, steps };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { outcome: "refused", code: error.code, steps: [] };
  }
}

const found = [];
for (const path of given) found.push(await judged(path));
console.log(JSON.stringify(found));
