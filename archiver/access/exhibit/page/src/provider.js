// The provider's own signature of a message: what it is worth stands beside the verdict, and never changes it.

import { Malformed } from "./asn1.js";
import { DATA, faults, openSigned } from "./cms.js";
import { Unsupported } from "./signature.js";
import { signedParts } from "./smime.js";

// Of a message: whether its provider's signature fits it (RFC 8551, 3.5.3; RFC 6109, 3.1). SHA-1 is computed as well:
// how much it is worth is said in the report.
export async function providerOutcome(raw) {
  try {
    const parts = signedParts(raw);
    if (!parts) return "unsigned";
    const signed = openSigned(parts.signature);
    for (const content of parts.contents) {
      const found = (await faults(signed, DATA, content)).map(([code]) => code).filter((code) => !code.startsWith("CMS_REFERENCE"));
      if (!found.length) return "intact";
      if (found.includes("PAGE_NOT_COMPUTED") || found.includes("CMS_SIGNER_ABSENT")) return "unknown";
    }
    return "altered";
  } catch (error) {
    if (error instanceof Malformed || error instanceof Unsupported) return "unknown";
    throw error;
  }
}
