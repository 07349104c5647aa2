"""One machine, no accounts: embedded Postgres, Redis, LiveKit and provider sandbox, and what starts them.

Imports `vaani.env` of our own code and nothing else of it; nothing but tests imports `local`. Modules that set-up
or the guard run (`errors`, `machine`, `setup`, `chromium`, `processes`, `guard`) use the standard library alone.
"""
