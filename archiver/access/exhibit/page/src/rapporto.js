// What a rapporto di versamento says of the messages that the archive took in (AgID guidelines, 4.7 d).

import { Malformed, hex } from "./asn1.js";
import { digest } from "./digest.js";
import { parse } from "./xml.js";

// {id, holder, accepted: Map sha256 -> {sha512, size}}, of the accepted messages only. Throws Malformed.
export async function readRapporto(octets) {
  const top = parse(octets ?? new Uint8Array());
  if (top.name !== "RapportoDiVersamento") throw new Malformed(`expected RapportoDiVersamento, found ${top.name}`);
  const accepted = new Map();
  for (const { attributes } of top.all("Oggetto")) {
    if (attributes.esito !== "accettato" || !attributes.sha256) continue;
    accepted.set(attributes.sha256, { sha512: attributes.sha512 ?? "", size: Number(attributes.dimensione ?? -1) });
  }
  // the digests of a list of what was accepted, as sha256sum and sha512sum write it
  const imprint = top.child("ImprontaPdV")?.attributes ?? {};
  for (const algorithm of ["sha256", "sha512"]) {
    const lines = [...accepted].map(([sha256, { sha512 }]) => `${algorithm === "sha256" ? sha256 : sha512}  messages/${sha256}.eml\n`);
    const found = hex(await digest(algorithm, new TextEncoder().encode(lines.join(""))));
    if (imprint[algorithm] !== found) throw new Malformed(`ImprontaPdV ${algorithm}`);
  }
  return { id: top.child("Identificativo")?.text ?? "", holder: top.child("Titolare")?.attributes.id ?? "", accepted };
}
