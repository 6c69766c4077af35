"""The library as its owner's addon: rows, titles and streams as any addon has them."""
