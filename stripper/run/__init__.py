"""Many files at once: which, where to, in what order, and what became of them."""
