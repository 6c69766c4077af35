"""IMDb's non-commercial data sets, read as they arrive; nothing of theirs is kept here."""
