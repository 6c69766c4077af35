"""Subtitles of addons for players that take WebVTT from the hub alone."""
