"""Why it is believed: time stamps (RFC 3161), seals (CAdES), evidence records (RFC 4998), dated algorithms."""
