"""The screens: the main one with its panes, and those laid over it for a moment."""
