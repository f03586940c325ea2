"""What several tests share: foreign tools, simulated mail, small archives."""
