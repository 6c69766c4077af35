"""A whole hub or cluster, who asks it, and load on it: what journeys and benchmarks both stand on."""
