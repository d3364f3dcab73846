"""Many at the same moment, through the two workers of a clinic that runs: what must happen once happens once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from threading import Barrier
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from tests.journeys.browser import Demo

AT_ONCE = 8


def send(visitor: OpenerDirector, address: str, **fields: str) -> tuple[str, str]:
    """Fill a form in as a browser would, and return where it led and what stands there."""
    with visitor.open(address, timeout=30) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    assert token is not None
    body = urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
    with visitor.open(address, body, timeout=30) as answer:
        return answer.url, answer.read().decode()


def waiting(demo: Demo, role: str) -> OpenerDirector:
    """Return a browser in which the password was given and the code is asked for."""
    visitor = build_opener(HTTPCookieProcessor(CookieJar()))
    at, _ = send(visitor, f"{demo.address}/log-in/", login=demo.email(role), password=demo.password(role))
    assert at == f"{demo.address}/log-in/code/"
    return visitor


def test_a_code_that_many_send_at_once_lets_one_of_them_in(demo: Demo) -> None:
    visitors = [waiting(demo, "Knowledge reviewer") for _ in range(AT_ONCE)]
    code, start = demo.code("Knowledge reviewer"), Barrier(AT_ONCE)

    def try_it(visitor: OpenerDirector) -> str:
        start.wait()
        return send(visitor, f"{demo.address}/log-in/code/", code=code)[0]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        ends = list(pool.map(try_it, visitors))
    assert ends.count(f"{demo.address}/me/") == 1, ends


def test_guesses_that_come_at_once_are_counted_all(demo: Demo) -> None:
    visitors = [build_opener(HTTPCookieProcessor(CookieJar())) for _ in range(AT_ONCE)]
    start = Barrier(AT_ONCE)

    def guess(visitor: OpenerDirector) -> str:
        start.wait()
        return send(visitor, f"{demo.address}/log-in/", login=demo.email("Care coordinator"), password="a wrong one")[1]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        said = list(pool.map(guess, visitors))
    assert sum("not correct" in each for each in said) <= 5
    at, page = send(
        visitors[0],
        f"{demo.address}/log-in/",
        login=demo.email("Care coordinator"),
        password=demo.password("Care coordinator"),
    )
    assert at == f"{demo.address}/log-in/"
    assert "Too many failed" in page
