"""The test broker: it crashes and comes back with its data, and leaves nothing behind."""

import asyncio
import os
import time
from pathlib import Path

import aiormq
import psutil
import pytest

from deploy.rabbitmq_node import Broker, RabbitNode, find_or_start_rabbitmq, rabbitmq_node

QUEUE = "kept"


async def publish(url: str, body: bytes) -> None:
    """Returns once the broker has confirmed that the message is safe."""
    connection = await aiormq.connect(url)
    channel = await connection.channel(publisher_confirms=True)
    await channel.queue_declare(QUEUE, durable=True)
    await channel.basic_publish(
        body, routing_key=QUEUE, properties=aiormq.spec.Basic.Properties(delivery_mode=2)
    )
    await connection.close()


async def fetch(url: str) -> bytes:
    """The queue's first message, or nothing."""
    connection = await aiormq.connect(url)
    channel = await connection.channel()
    message = await channel.basic_get(QUEUE, no_ack=True)
    await connection.close()
    return message.body


def left_over(base_dir: Path) -> list[str]:
    """Command lines of processes that belong to this node by folder, whoever their parent is."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(base_dir) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def wait_for_none_left(base_dir: Path) -> None:
    """Erlang's little helper processes notice by themselves that their broker has gone."""
    deadline = time.monotonic() + 5
    while left_over(base_dir) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left_over(base_dir) == []


async def test_a_confirmed_message_outlives_stop_and_crash(tmp_path: Path) -> None:
    """In this order: RabbitMQ 3.10 killed within a second of a declaration may forget the queue."""
    with rabbitmq_node(tmp_path) as node:
        url, pids = node.url, node.pids
        await publish(url, b"one")

        await asyncio.to_thread(node.stop)
        assert len(node.pids) == 1  # the epmd
        with pytest.raises(ConnectionError):
            await aiormq.connect(url)
        node.start()
        await asyncio.to_thread(node.wait_ready)
        assert node.url == url
        assert await fetch(url) == b"one"

        await publish(url, b"two")
        await asyncio.to_thread(node.kill)
        node.start()
        await asyncio.to_thread(node.wait_ready)
        assert await fetch(url) == b"two"
        pids += node.pids

    wait_for_none_left(tmp_path)
    assert not [pid for pid in pids if psutil.pid_exists(pid)]


def test_the_url_of_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_URL", "amqp://elsewhere/")
    with find_or_start_rabbitmq() as broker:
        assert broker.url == "amqp://elsewhere/"


async def test_the_session_has_a_broker(rabbit: Broker, rabbitmq_url: str) -> None:
    connection = await aiormq.connect(rabbitmq_url)
    assert connection.is_opened
    await connection.close()
    assert rabbit.url == rabbitmq_url


@pytest.mark.skipif("RABBITMQ_URL" in os.environ, reason="the broker is not ours to look into")
def test_own_nodes_listen_on_loopback_only(rabbit: Broker) -> None:
    if not isinstance(rabbit, RabbitNode):
        pytest.skip("the broker runs in a container")
    listening = [
        connection.laddr.ip
        for pid in rabbit.pids
        for connection in psutil.Process(pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 3  # AMQP, distribution, epmd
    assert set(listening) <= {"127.0.0.1", "::1"}
