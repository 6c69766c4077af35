"""An Xtream panel made of a seed: its library, how it answers, and how it misbehaves."""
