"""What TMDB knows about titles, and how it completes what addons say of them."""
