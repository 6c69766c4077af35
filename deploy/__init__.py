"""How Headgate is deployed: compose, and the same parts as plain processes."""
