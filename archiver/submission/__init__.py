"""From PEC to packages: what arrived, described as what is kept."""
