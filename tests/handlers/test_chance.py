from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from handlers import chance


def test_as_many_bytes_as_asked_for_and_never_the_same_twice():
    made = [chance.token_bytes(16) for _ in range(2_000)]  # several times what is fetched at once
    assert {len(one) for one in made} == {16}
    assert len(set(made)) == 2_000
    assert len(chance.token_bytes(10_000)) == 10_000
    assert len(chance.token_hex(8)) == 16


def test_threads_never_draw_the_same():
    with ThreadPoolExecutor(4) as pool:
        drawn = pool.map(lambda _: [chance.token_bytes(8) for _ in range(2_000)], range(4))
        made = [one for some in drawn for one in some]
    assert len(set(made)) == 8_000


def test_a_forked_child_draws_its_own():
    chance.token_bytes(1)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, chance.token_bytes(16))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 16) != chance.token_bytes(16)
    os.close(reading)
    os.close(writing)
