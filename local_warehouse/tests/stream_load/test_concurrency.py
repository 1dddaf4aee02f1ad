import threading
from typing import Any

from warehouse_server import Server


def test_four_loaders_and_a_reader_lose_nothing(server: Server, database: str) -> None:
    server.query(
        f"CREATE TABLE {database}.t (id BIGINT NOT NULL, loader INT, amount DECIMAL(18, 2)) "
        "PRIMARY KEY (id) DISTRIBUTED BY HASH (id)"
    )
    loads, rows = 10, 500
    replies: list[dict[str, Any]] = []
    counts: list[int] = []
    done = threading.Event()

    def load(loader: int) -> None:
        for number in range(loads):
            # Half of the keys are new, half replace those of the load before.
            first = loader * 1_000_000 + number * rows // 2
            body = "\n".join(
                f'{{"id": {first + row}, "loader": {loader}, "amount": "{number}.25"}}'
                for row in range(rows)
            )
            replies.append(server.load(database, "t", body, label=f"l{loader}_{number}"))

    def read() -> None:
        while not done.is_set():
            counts.append(server.query(f"SELECT COUNT(*) FROM {database}.t")[0][0])

    loaders = [threading.Thread(target=load, args=(number,)) for number in range(4)]
    reader = threading.Thread(target=read)
    for thread in (*loaders, reader):
        thread.start()
    for thread in loaders:
        thread.join()
    done.set()
    reader.join()
    assert [reply["Message"] for reply in replies] == ["OK"] * 4 * loads
    keys = (loads + 1) * rows // 2
    assert server.query(
        f"SELECT loader, COUNT(*), COUNT(DISTINCT id) FROM {database}.t GROUP BY 1 ORDER BY 1"
    ) == [(number, keys, keys) for number in range(4)]
    # Readers see whole loads only, and never fewer than before.
    assert counts == sorted(counts)
    assert {count % (rows // 2) for count in counts} == {0}
