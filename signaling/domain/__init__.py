"""What a visit is. Pure: no I/O, no clock, no randomness, no framework."""
