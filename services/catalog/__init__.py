"""What there is: the addons of each profile, their merged manifest, catalogs, metadata, search and health."""
