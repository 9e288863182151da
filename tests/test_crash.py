"""What was acknowledged survives kill -9: record parity over many rounds, under load."""

import os
import random
import signal
import threading
import time

import pytest
from harness.wire import RawConnection, post_bytes

ROUNDS = 20
CLIENTS = 8
SEED = int(os.environ.get("PENSTOCK_TEST_SEED", "1"))
CONFIG = """
version: 1
providers: {{ mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1" }} }}
{engines}
models: {{ "gpt-*": {{ targets: [{{ provider: mock }}] }} }}
"""


class Load:
    """Clients that ask until the server is gone, and note each answer whose last byte arrived."""

    def __init__(self, port):
        self.acknowledged = []
        self.unexpected = []
        self.port = port
        self.threads = [threading.Thread(target=self._ask, args=(i,)) for i in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _ask(self, number):
        body = {
            "model": "gpt-x",
            "messages": [{"role": "user", "content": f"client {number}"}],
            "stream": number % 2 == 0,
        }
        request = post_bytes("/v1/chat/completions", body)
        try:
            with RawConnection(self.port) as connection:
                while True:
                    status, headers, answer = connection.send(request).response()
                    if status == 0:
                        return
                    if status != 200 or (body["stream"] and not answer.endswith(b"data: [DONE]\n\n")):
                        self.unexpected.append((status, answer))
                    elif body["stream"] or len(answer) == int(headers["content-length"]):
                        self.acknowledged.append(headers["x-request-id"])
        except (OSError, ValueError):
            pass  # the server was killed in the middle of an answer

    def join(self):
        for thread in self.threads:
            thread.join()


@pytest.mark.timeout(240)
def test_no_acknowledged_answer_is_lost_or_doubled_by_kill_9(start_server):
    draw = random.Random(SEED)
    server = start_server(CONFIG)
    acknowledged = []
    for number in range(ROUNDS):
        load = Load(server.port)
        time.sleep(draw.uniform(0.02, 0.25))
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        load.join()
        assert not load.unexpected, f"seed {SEED}, round {number}: {load.unexpected[0]}"
        acknowledged += load.acknowledged
        server.start()
    recorded = [record["id"] for record in server.records()]
    assert len(acknowledged) > ROUNDS
    assert len(recorded) == len(set(recorded)), f"seed {SEED}: a record stands twice"
    lost = set(acknowledged) - set(recorded)
    assert not lost, f"seed {SEED}: {len(lost)} of {len(acknowledged)} acknowledged answers have no record"


def test_strict_durability_answers_and_records(start_server):
    server = start_server(CONFIG + "durability: strict\n")
    answer = server.chat("gpt-x")
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    server.start()
    assert server.record(answer.headers["x-request-id"])["status"] == 200


def test_a_second_server_on_the_same_data_is_refused_with_the_reason(start_server, tmp_path):
    server = start_server(CONFIG)
    with pytest.raises(AssertionError, match="ended with"):
        start_server(CONFIG, name="second", data=server.data)
    assert str(server.data) in (tmp_path / "second.log").read_text()
