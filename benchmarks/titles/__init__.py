"""One entry per title, judged on made-up addons that list real films in their own ways."""
