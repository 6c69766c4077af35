"""The Movie Database (TMDB), version 3 of its API: questions, answers, pictures."""
