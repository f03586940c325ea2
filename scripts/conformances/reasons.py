"""Lines that are not what one would expect, and why: found in the judge's source or documentation, never guessed."""

OPENSSL_SEAL = (
    "`cms -verify` looks at the signed attributes only: the timestamp is an unsigned one, which "
    "`openssl ts -verify` judges (its own lines)"
)
OPENSSL_OCSP = (
    "`openssl ts` reads a token as PKCS #7 of 1998, whose `crls` hold nothing but lists, and stops at the OCSP answer "
    "that RFC 5940 lays there (`Type=X509_CRL, Field=crl, Type=PKCS7_SIGNED`); "
    "`openssl cms -verify` accepts the same token"
)
LAST_TOKEN_ONLY = (
    "`ERSEvidenceRecord.validate` verifies the last token's signature with the certificate that it is handed; the "
    "tokens before are compared as octets, their signers are asked for nowhere"
)
NO_TIME = (
    "`ERSEvidenceRecord` knows neither revocation nor the end of a certificate once its token is given: it verifies a "
    "signer at the token's own time, and compares tokens with each other in no respect but their digests (its source "
    'leaves the dates open: "TODO: check time stamp date")'
)
ALL_BEFORE = (
    "`ERSEvidenceRecord.validate` looks in the last token's list for *every* earlier token of the chain, as its own "
    "`renewTimeStamp` writes them; RFC 4998, 5.2 and 5.3 ask each to cover the one before it, which covers the others"
)
FIGURE_4 = (
    "read with a warning: Figure 4 of RFC 4998 says that h and ha are sorted, its section 5.2 that they are not; we "
    "write them unsorted, and read what others wrote after the figure"
)

REASONS = {
    ("PIndex.xml.p7m/token", "openssl"): OPENSSL_SEAL,
    ("PIndex.xml.p7m/other-token", "openssl"): OPENSSL_SEAL,
    ("archive-ocsp.tst", "openssl"): OPENSSL_OCSP,
    ("restamped-twice.ers", "BouncyCastle"): ALL_BEFORE,
    ("restamped.ers/first-stranger", "BouncyCastle"): LAST_TOKEN_ONLY,
    ("first.ers/expired", "BouncyCastle"): NO_TIME,
    ("first.ers/late", "BouncyCastle"): NO_TIME,
    ("two-chains.ers/compromised", "BouncyCastle"): NO_TIME,
    ("rehashed.ers/sorted", "archiver"): FIGURE_4,
}
"""By artefact and judge."""
