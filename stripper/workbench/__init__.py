"""For those who write rules: checking, showing, documenting."""
