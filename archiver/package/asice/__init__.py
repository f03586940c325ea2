"""ASiC-E containers (ETSI EN 319 162-1): the files of a volume, and evidence records over them, in one ZIP file."""
