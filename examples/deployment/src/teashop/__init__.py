"""A tea shop: what is ordered is kept in SQLite and served over HTTP."""
