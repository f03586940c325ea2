// From a certificate up to an anchor: names, signatures, validity, who may issue (RFC 5280, 6.1). Revocation is not
// judged here: the answers that an exhibit carries are for the programs that LEGGIMI.txt names.

import { equal } from "./asn1.js";
import { described, fits } from "./signature.js";
import { KEY_CERT_SIGN } from "./x509.js";

const LONGEST = 8;

// {path: [certificates, the leaf first, the anchor last]} or {reason}. `at`: the moment at which it has to hold.
export async function pathTo(leaf, anchors, others, at) {
  const reasons = [];
  const path = await climb([leaf], anchors, others, at, reasons);
  return path ? { path } : { reason: reasons.at(-1) ?? leaf.issuerName };
}

async function climb(path, anchors, others, at, reasons) {
  const top = path.at(-1);
  if (anchors.some((anchor) => equal(anchor.octets, top.octets))) return path;
  if (at < top.from || at > top.until) return refused(reasons, `${top.name}: ${day(top.from)} - ${day(top.until)}, ${day(at)}`);
  if (top.unknownCritical.length) return refused(reasons, `${top.name}: ${top.unknownCritical.join(", ")} (critical)`);
  if (path.length > LONGEST) return null;
  const named = (issuer) => equal(issuer.subject, top.issuer);
  for (const issuer of [...anchors.filter(named), ...others.filter(named)]) {
    if (path.some((one) => equal(one.octets, issuer.octets))) continue;
    const isAnchor = anchors.includes(issuer);
    // 6.1.4, k to n: whoever issues is a CA that may; an anchor is believed as it is
    const below = path.slice(1).filter((one) => !one.selfIssued).length;
    if (!isAnchor && !(issuer.isCA && below <= issuer.pathLength)) continue;
    if (!issuer.allows(KEY_CERT_SIGN)) continue;
    if (!(await signedBy(top, issuer, reasons))) continue;
    const found = await climb([...path, issuer], anchors, others, at, reasons);
    if (found) return found;
  }
  return null;
}

async function signedBy(certificate, issuer, reasons) {
  try {
    const how = certificate.mechanism;
    if (await fits(issuer.key, how, certificate.signature, certificate.tbs)) return true;
    reasons.push(`${certificate.name}: ${described(how)} (${issuer.name})`);
  } catch (error) {
    reasons.push(`${certificate.name}: ${error.message}`);
  }
  return false;
}

function refused(reasons, reason) {
  reasons.push(reason);
  return null;
}

const day = (at) => new Date(at).toISOString().slice(0, 10);
