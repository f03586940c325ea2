"""Reports: what an errand found, or did, in what is kept: sweeps, purges of mail servers; values, writer, reader."""
