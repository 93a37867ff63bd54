"""A mail server on loopback that takes every message and remembers it, with its envelope and its Message-ID."""

import re
import socketserver
import threading


class Post(socketserver.ThreadingTCPServer):
    """Serves from a thread of its own until `close`."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.port = self.server_address[1]
        self.taken, self.lock = [], threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """A client that was killed in mid-sentence is what this is for."""


class Conversation(socketserver.StreamRequestHandler):
    """As much of SMTP as a well-behaved client needs."""

    def handle(self):
        self._say("220 post.example.co.jp ESMTP")
        recipient = None
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb in (b"EHLO", b"HELO"):
                self._say("250 post.example.co.jp")
            elif verb == b"RCPT":
                recipient = line.decode().strip()
                self._say("250 ok")
            elif verb == b"DATA":
                self._say("354 go on")
                self._take(recipient)
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _take(self, recipient):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return
            lines.append(line)
        message = b"".join(lines)
        message_id = re.search(rb"(?im)^Message-ID: *(<[^>]+>)", message).group(1).decode()
        with self.server.lock:
            self.server.taken.append((message_id, recipient, message))
        self._say("250 taken")

    def _say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
