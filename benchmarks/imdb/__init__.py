"""IMDb's data sets in their real size, generated: how long their import takes, and who notices."""
