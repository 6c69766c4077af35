"""The only public service: routes, identity, response cache and web pages. It owns no data."""
