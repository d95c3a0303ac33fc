"""Results for people: explanations and diffs."""
