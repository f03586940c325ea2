"""Histories, and two judges that share nothing."""
