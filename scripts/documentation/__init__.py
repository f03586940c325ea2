"""Pages that are written by the program about itself: ops/docs/commands.md, from the commands' own help."""
