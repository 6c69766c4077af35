"""Viewing state: where profiles stopped, what they have seen, what they mean to see.

Which report wins. Every report carries the time at which its player was there, or is given that of its
arrival. Of a video the newest such time holds, whatever arrives last; of equal times the one that arrives
last. A report older than what is known changes no position. If it reached the end, the video counts as
watched all the same, unless somebody has said by hand since then that it was not.
"""
