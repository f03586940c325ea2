"""The pacchetto di distribuzione (PdD): its tree, its index (UNI 11386), its manifests (BagIt, RFC 8493)."""
