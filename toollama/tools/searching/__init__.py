"""Web search: what a hit is, and the engines that find hits."""
