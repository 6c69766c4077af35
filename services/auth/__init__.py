"""Who is asking: accounts, profiles, sessions, access and refresh tokens, install tokens, audit log."""
