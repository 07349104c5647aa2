"""A LiveKit server's room service, as far as the web side asks it: Twirp over HTTP, protobuf both ways."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from livekit import api

AGENT = api.ParticipantInfo.Kind.AGENT
SECONDS_OF_POLLING = 0.01


class LiveKit:
    """Rooms by name with who is in them, the dispatches of each, and everything that was asked for."""

    def __init__(self) -> None:
        self.rooms: dict[str, list[str]] = {}
        self.dispatches: dict[str, list[api.AgentDispatch]] = {}
        self.asked: list[str] = []
        self.broken = False
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                verb = self.path.rsplit("/", 1)[-1]
                server.asked.append(verb)
                answer = None if server.broken else server._answer(verb, body, self.headers["Authorization"])
                if isinstance(answer, bytes):
                    self._send(200, "application/protobuf", answer)
                elif answer is None:
                    self._send(500, "application/json", b'{"code": "internal", "msg": "broken"}')
                else:
                    self._send(404, "application/json", b'{"code": "not_found", "msg": "no such room"}')

            def _send(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"ws://127.0.0.1:{self.http.server_port}"
        self._thread = threading.Thread(target=self.http.serve_forever, args=[SECONDS_OF_POLLING])
        self._thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self._thread.join()
        self.http.server_close()

    def _answer(self, verb: str, body: bytes, authorization: str) -> bytes | bool:
        """The answer as protobuf, or False when there is no such room."""
        grants = jwt.decode(authorization.removeprefix("Bearer "), options={"verify_signature": False})["video"]
        assert grants.get("roomAdmin") or grants.get("roomCreate")
        match verb:
            case "ListParticipants":
                listing = api.ListParticipantsRequest.FromString(body)
                people = [
                    api.ParticipantInfo(identity=who, kind=AGENT if who.startswith("agent") else 0)  # type: ignore[arg-type]
                    for who in self.rooms.get(listing.room, [])
                ]
                return api.ListParticipantsResponse(participants=people).SerializeToString()
            case "RemoveParticipant":
                leaving = api.RoomParticipantIdentity.FromString(body)
                self.rooms[leaving.room].remove(leaving.identity)
                return b""
            case "DeleteRoom":
                return self.rooms.pop(api.DeleteRoomRequest.FromString(body).room, None) is not None and b""
            case "CreateDispatch":
                new = api.CreateAgentDispatchRequest.FromString(body)
                made = api.AgentDispatch(
                    id=f"AD_{len(self.asked)}", agent_name=new.agent_name, room=new.room, metadata=new.metadata
                )
                self.dispatches.setdefault(new.room, []).append(made)
                return made.SerializeToString()
        raise AssertionError(verb)
