"""Files of other systems, read into events as the intake takes them."""
