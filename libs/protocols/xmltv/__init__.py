"""XMLTV: guides as they really are, read as they arrive, and written as they should be."""
