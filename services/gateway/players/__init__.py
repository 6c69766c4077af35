"""The hub as an IPTV panel: Xtream, M3U and XMLTV for apps that know nothing else."""
