"""Documents from files: text from whatever format, and which file a request means."""
