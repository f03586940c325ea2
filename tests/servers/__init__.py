"""Real servers for the tests: each is started on free ports of 127.0.0.1 by whoever needs it, and ends with it."""
