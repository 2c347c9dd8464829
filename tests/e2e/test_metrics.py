"""Figures and health of a real server, by HTTP."""

from __future__ import annotations

import http.client
import re
import resource
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.e2e.server import SECONDS, TWISTD, Server, serving, until
from tests.e2e.test_server import next_answer

needed = pytest.mark.skipif(
    find_spec("prometheus_client") is None, reason="it needs what the extra `metrics` brings"
)


def get(server: Server, path: str, body: bytes | None = None) -> tuple[int, str]:
    """What a page has."""
    found = until(
        lambda: re.search(rb"Figures are shown at 127\.0\.0\.1:(\d+)", server.log.read_bytes()),
        "the port",
    )
    connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=SECONDS)
    try:
        connection.request("GET", path, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@needed
def test_figures(tmp_path: Path) -> None:
    with serving(tmp_path / "state", "--metrics", "0") as server, server.enter("ann") as ann:
        ann.say(type="say", text="hi", id="1")
        ann.event("ack")
        status, page = get(server, "/metrics")
        assert status == 200
        assert 'chatservice_connections{wire="json"} 1.0\n' in page
        assert "chatservice_messages_total 1.0\n" in page
        for name in ("process_resident_memory_bytes", "process_open_fds"):
            found = re.search(rf"^{name} (\S+)$", page, re.MULTILINE)
            assert found is not None
            assert float(found[1]) > 0
        assert get(server, "/")[0] == 404
        with pytest.raises(ConnectionError):
            get(server, "/metrics", body=b"x" * 1_000_000)
        assert server.stop() == 0
        assert b"GET" not in server.log.read_bytes()


@needed
def test_the_traffic_is_the_chat_s(tmp_path: Path) -> None:
    """To ask for figures changes none."""
    with serving(tmp_path / "state", "--metrics", "0") as server:
        for _ in range(3):
            page = get(server, "/metrics")[1]
            for direction in ("received", "sent"):
                line = f'chatservice_traffic_bytes_total{{direction="{direction}"}} 0.0\n'
                assert line in page


@needed
def test_health_of_a_full_disk(tmp_path: Path) -> None:
    """503 with a sentence as long as nothing can be kept, then 200 again by itself."""

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))

    with (
        serving(tmp_path / "state", "--metrics", "0", preexec=small_files) as server,
        server.enter("ann") as ann,
    ):
        assert get(server, "/healthz") == (200, "All is well.\n")
        for number in range(200):
            ann.say(type="say", text="x" * 3900, id=str(number))
            if next_answer(ann)["type"] == "error":
                break
        status, sentence = get(server, "/healthz")
        assert status == 503
        assert "chat.sqlite3 cannot" in sentence
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
        ann.say(type="say", text="there is room again", id="again")
        ann.event("ack")
        assert get(server, "/healthz")[0] == 200


def test_without_the_library(tmp_path: Path) -> None:
    """One sentence that says what to install; without the option it is not needed."""
    code = "import sys; sys.modules['prometheus_client'] = None;" + TWISTD[-1]
    without = (sys.executable, "-c", code)
    with (
        pytest.raises(AssertionError, match=r"pip install 'chatservice\[metrics\]'"),
        serving(tmp_path / "state", "--metrics", "0", command=without),
    ):
        pass
    with serving(tmp_path / "state", command=without) as server:
        assert server.stop() == 0
