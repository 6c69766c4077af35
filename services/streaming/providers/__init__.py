"""What can offer sources: addons and the library, links of a user's own, a folder of films, embeds."""
