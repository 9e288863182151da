"""Many clients at once: streams that do not mix, idle connections that cost nobody anything."""

import asyncio
import resource
import time

import httpx
import openai
import pytest
from harness.server import CHAT, KEY
from harness.wire import RawConnection, post_bytes

STREAMS = 64
IDLE_CONNECTIONS = 1000
ANSWER = "water falls through a gated narrow pipe today"


async def _collect(server, model, count, **fields):
    """The texts of `count` streams at once."""
    limits = httpx.Limits(max_connections=count)
    async with openai.AsyncOpenAI(
        base_url=server.url + "/v1",
        api_key=KEY,
        max_retries=0,
        timeout=200,
        http_client=openai.DefaultAsyncHttpxClient(limits=limits),
    ) as client:

        async def one(number):
            # A system message of one sign, since templates put a longer one in the place of none.
            messages = [{"role": "system", "content": "."}, {"role": "user", "content": str(number)}]
            stream = await client.chat.completions.create(
                model=model, messages=messages, stream=True, **fields
            )
            return "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])

        return await asyncio.gather(*(one(number) for number in range(count)))


def test_64_streams_at_once_from_an_upstream(server, ledger):
    before = len(server.records(feature=""))
    texts = asyncio.run(_collect(server, "gpt-x", STREAMS))
    assert texts == [ANSWER] * STREAMS
    assert ledger.ledger()["complete"] == STREAMS
    assert len(server.records()) == before + STREAMS


@pytest.mark.timeout(240)
def test_64_streams_at_once_from_the_engine(engine_server):
    engine_server.wait_for_models(CHAT)
    texts = asyncio.run(_collect(engine_server, CHAT, STREAMS, max_tokens=4, temperature=0))
    assert len(texts) == STREAMS and all(texts)
    newest = engine_server.records(model=CHAT)[:STREAMS]
    assert {record["status"] for record in newest} == {200}
    assert {record["tokens"]["output"] for record in newest} <= {1, 2, 3, 4}


def test_1000_idle_connections_take_nothing_from_others(server):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8 * IDLE_CONNECTIONS), hard))
    idle = [RawConnection(server.port) for _ in range(IDLE_CONNECTIONS)]
    try:
        started = time.monotonic()
        assert [server.chat("gpt-x").status_code for _ in range(20)] == [200] * 20
        assert time.monotonic() - started < 20
        body = {"model": "gpt-x", "messages": [{"role": "user", "content": "Hi"}]}
        for connection in idle[::100]:  # they are still there, and answered when they speak
            assert connection.send(post_bytes("/v1/chat/completions", body)).response()[0] == 200
    finally:
        for connection in idle:
            connection.close()
