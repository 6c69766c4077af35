"""The watch page: one video, played here where a browser can."""
