"""`python -m local.sandbox --port N`: run the sandbox on loopback until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os

from local.sandbox.server import serve


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m local.sandbox", description="Stand in for the providers.")
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        asyncio.run(serve(asked.port))
    except OSError as error:
        parser.exit(
            1, f"The sandbox cannot listen on port {asked.port}: {os.strerror(error.errno) if error.errno else error}\n"
        )


if __name__ == "__main__":
    main()
