"""Accounts at IPTV providers as every service that asks them sees them."""
