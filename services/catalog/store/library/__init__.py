"""The SQL of the library. Whose an item is, is looked up in the statement, or by `visible` before it."""
