"""What people's accounts at IPTV providers have: kept, searched, matched to titles, and shown."""
