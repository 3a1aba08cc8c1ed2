# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of 1,000 registrations: every one that was answered is there afterwards."""
from __future__ import annotations

import http.client
import json
import threading
import unittest

import registry

COUNT = 1000
KILL_AFTER = (120, 480)  # answered registrations


class Kill(registry.TestCase):
    def run_until(self, running: registry.Registry, first: int, kill_at: int) -> dict[int, int]:
        """Registers from `first` on until the registry is killed; what was answered, with ids."""
        answered: dict[int, int] = {}
        enough = threading.Event()

        def work() -> None:
            connection = running.connect()
            try:
                for number in range(first, COUNT):
                    body = json.dumps({"schema": schema(number)})
                    connection.request("POST", f"/subjects/s{number}/versions", body)
                    answered[number] = json.loads(connection.getresponse().read())["id"]
                    if len(answered) >= kill_at:
                        enough.set()
            except (OSError, http.client.HTTPException, ValueError):
                pass
            enough.set()

        worker = threading.Thread(target=work)
        worker.start()
        enough.wait(300)
        running.kill()
        worker.join()
        return answered

    def test_answered_is_there(self) -> None:
        answered: dict[int, int] = {}
        for kill_at in KILL_AFTER:
            answered |= self.run_until(self.start(), len(answered), kill_at)
        running = self.start()
        for number in range(len(answered), COUNT):
            answered[number] = running.register(f"s{number}", schema(number))
        self.assertEqual(len(set(answered.values())), COUNT)
        connection = running.connect()
        for number, id_ in answered.items():
            connection.request("GET", f"/subjects/s{number}/versions/1")
            got = json.loads(connection.getresponse().read())
            self.assertEqual(got, {"subject": f"s{number}", "version": 1, "id": id_,
                                   "schema": schema(number)})
        connection.close()


def schema(number: int) -> str:
    return json.dumps({"type": "fixed", "name": f"F{number}", "size": number + 1})


if __name__ == "__main__":
    unittest.main()
