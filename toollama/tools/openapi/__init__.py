"""OpenAPI operations: what strangers describe, read without trust, and the requests they mean.

- `operation`: one operation as a tool needs it
- `requests`: an operation and its arguments become one HTTP request
- `serialising`: the parameter styles of OpenAPI
"""
