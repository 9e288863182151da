"""SIGTERM: running answers are finished, then the server ends with 0; nothing is left behind."""

import signal
import socket

from harness.programs import wait_until
from harness.wire import RawConnection, content_of, events, post_bytes

CONFIG = """
version: 1
providers: {{ mock: {{ type: openai, base_url: "http://127.0.0.1:UPSTREAM/v1" }} }}
{engines}
models: {{ "*": {{ targets: [{{ provider: mock }}] }} }}
"""
BODY = {"model": "gpt-x", "messages": [{"role": "user", "content": "Hi"}], "stream": True}


def test_a_running_stream_is_drained_and_recorded(start_upstream, start_server):
    upstream = start_upstream("--events", "20", "--pace-ms", "50")
    server = start_server(CONFIG.replace("UPSTREAM", str(upstream.port)))
    with RawConnection(server.port) as connection:
        connection.send(post_bytes("/v1/chat/completions", BODY))
        text = connection.receive_until(b"water")
        server.process.send_signal(signal.SIGTERM)
        text += connection.receive_until(b"data: [DONE]\n\n")
    assert server.process.wait(20) == 0
    lines = "\n\n".join(line for line in text.decode().splitlines() if line.startswith("data: "))
    assert len(content_of(events(lines)).split()) == 20
    server.start()
    assert [record["finish_reason"] for record in server.records()] == ["stop"]


def test_no_new_connection_is_taken_while_draining(start_upstream, start_server):
    upstream = start_upstream("--events", "40", "--pace-ms", "50")
    server = start_server(CONFIG.replace("UPSTREAM", str(upstream.port)))
    with RawConnection(server.port) as connection:
        connection.send(post_bytes("/v1/chat/completions", BODY)).receive_until(b"water")
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not accepts(server.port), "the listener closes", 5)
        assert connection.receive_until(b"data: [DONE]\n\n").endswith(b"[DONE]\n\n")
    assert server.process.wait(20) == 0


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def test_idle_connections_do_not_hold_it_up(start_server, upstream):
    server = start_server(CONFIG.replace("UPSTREAM", str(upstream.port)))
    idle = [RawConnection(server.port) for _ in range(20)]
    assert server.stop() == 0
    for connection in idle:
        connection.close()


def test_interrupt_ends_it_as_well(start_server, upstream):
    server = start_server(CONFIG.replace("UPSTREAM", str(upstream.port)))
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(20) in (0, 130)


def test_it_starts_again_on_the_same_data(start_server, upstream):
    server = start_server(CONFIG.replace("UPSTREAM", str(upstream.port)))
    first = server.chat("gpt-x").headers["x-request-id"]
    assert server.stop() == 0
    server.start()
    assert server.record(first)["status"] == 200
