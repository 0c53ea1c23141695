"""A small HTTP/1.1 client on asyncio: one request at a time on each connection, nothing hidden (no retries, no redirects, no pool)."""

import asyncio
import http.client
import socket


class Closed(ConnectionError):
    """The connection ended before the whole response was there."""


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def ok(self):
        return 200 <= self.status < 300

    def __repr__(self):
        return f"{self.status} {self.body[:200]!r}"


def encode(method, target, headers, body, host="localhost"):
    lines = [f"{method} {target} HTTP/1.1"]
    names = {name.lower() for name, _ in headers}
    if "host" not in names:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in headers]
    if "content-length" not in names and "transfer-encoding" not in names:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Connection(asyncio.Protocol):
    def __init__(self):
        self._transport, self._waiter, self._buffer, self._lost = None, None, bytearray(), None

    @classmethod
    async def open(cls, host, port, receive_buffer=None):
        loop = asyncio.get_running_loop()
        if receive_buffer is None:
            _, connection = await loop.create_connection(cls, host, port)
            return connection
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.setblocking(False)
        await loop.sock_connect(raw, (host, port))
        _, connection = await loop.create_connection(cls, sock=raw)
        return connection

    def connection_made(self, transport):
        self._transport = transport
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, error):
        self._lost = error or Closed("closed by the server")
        self._settle()

    def data_received(self, data):
        self._buffer += data
        self._settle()

    def eof_received(self):
        return False

    def send(self, data):
        if self._lost:
            raise Closed(str(self._lost))
        self._transport.write(data)

    def exchange(self, data):
        """Writes now and returns a future of the response: the bytes are in the socket when the caller gets it."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            self.send(data)
        except Closed as closed:
            self._waiter.set_exception(closed)
        return self._waiter

    def response(self):
        self._waiter = asyncio.get_running_loop().create_future()
        self._settle()
        return self._waiter

    @property
    def usable(self):
        return self._lost is None and not self._transport.is_closing()

    def close(self):
        if self._transport:
            self._transport.abort()

    def _settle(self):
        if self._waiter is None or self._waiter.done():
            return
        parsed = self._parse()
        if parsed is not None:
            self._waiter.set_result(parsed)
        elif self._lost is not None:
            self._waiter.set_exception(Closed(str(self._lost)))

    def _parse(self):
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ", 2)[1])
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        start, length = end + 4, headers.get("content-length")
        if length is None:
            if status in (204, 304) or status < 200:
                length = 0
            elif self._lost is None:
                return None  # ends with the connection
            else:
                length = len(self._buffer) - start
        if len(self._buffer) < start + int(length):
            return None
        body = bytes(self._buffer[start:start + int(length)])
        del self._buffer[:start + int(length)]
        if headers.get("connection", "").lower() == "close":
            self._transport.close()
        return Response(status, headers, body)


async def request(port, method, target, headers=(), body=b"", host="127.0.0.1", seconds=20):
    connection = await asyncio.wait_for(Connection.open(host, port), seconds)
    try:
        return await asyncio.wait_for(connection.exchange(encode(method, target, list(headers), body)), seconds)
    finally:
        connection.close()


def get(port, target, headers=(), seconds=10):
    """Blocking, for code outside a loop."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", target, headers=dict(headers))
        answer = connection.getresponse()
        return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()
