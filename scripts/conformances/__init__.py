"""Seals, tokens and evidence records of this archive before judges that are not ours, and theirs before ours."""
