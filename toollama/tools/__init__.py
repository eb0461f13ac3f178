"""Tools: one `ToolSpec` whatever the origin, one HTTP door, one way to run a call."""
