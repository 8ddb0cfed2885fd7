"""HTTP as all services speak it: problems, keys, cursors, versions, tokens, limits."""
