"""When something is worth saying. Pure: the clock is passed in."""
