"""Thirty years in minutes: the errands as they are, on ports that one seed breaks in every way it can think of."""
