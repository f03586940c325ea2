"""What arrived: PEC messages read and judged byte for byte, and the dossiers that they make up."""
