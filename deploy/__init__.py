"""How it is run on servers: containers and systemd."""
