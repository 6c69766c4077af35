"""Libraries of any size, made of real titles, and what people type to find something in them."""
