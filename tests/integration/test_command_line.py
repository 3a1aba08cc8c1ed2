# SPDX-License-Identifier: Apache-2.0
"""The command line of the three programs: --help fits a screen, colour is for terminals."""
from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import unittest
from typing import Any

import cordwood

PROGRAMS = ("cordwood-ingestor", "cordwood-registry", "cordwood-client")
SCREEN_LINES, SCREEN_COLUMNS = 24, 80


def run(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([cordwood.program(program), *words], capture_output=True, text=True,
                          env=cordwood.clean_environment(), timeout=60)


def table_of(program: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(run(program, "--print-options").stdout)
    return table


def on_terminal(program: str, *words: str, **environment: str) -> bytes:
    """What the program writes to a terminal."""
    leader, follower = pty.openpty()
    env = {k: v for k, v in cordwood.clean_environment().items() if k not in ("NO_COLOR", "TERM")}
    subprocess.run([cordwood.program(program), *words], stdin=follower, stdout=follower,
                   stderr=follower, env=env | environment, timeout=60)
    os.close(follower)
    said = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # nobody holds the other end any more
            break
        if not part:
            break
        said += part
    os.close(leader)
    return said


class Help(unittest.TestCase):
    def assert_fits(self, text: str) -> None:
        lines = text.splitlines()
        self.assertLessEqual(len(lines), SCREEN_LINES)
        self.assertLessEqual(max(map(len, lines)), SCREEN_COLUMNS)

    def test_fits_a_screen(self) -> None:
        for program in PROGRAMS:
            groups = [group["name"] for group in table_of(program)["groups"]]
            self.assertGreater(len(groups), 2)
            for topic in ((), *([group] for group in groups)):
                with self.subTest(program=program, topic=topic):
                    done = run(program, "--help", *topic)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    self.assert_fits(done.stdout)

    def test_alone_it_names_program_groups_and_most_used(self) -> None:
        for program in PROGRAMS:
            table, said = table_of(program), run(program, "-h").stdout
            self.assertTrue(said.startswith(f"usage: {program} [OPTION]..."), said)
            for group in table["groups"]:
                self.assertRegex(said, rf"(?m)^  {group['name']} +\S")
            shown = [option["name"] for option in table["options"] if option["common"]]
            self.assertGreater(len(shown), 3)
            for name in shown:
                self.assertRegex(said, rf"(?m)^  --{name}( |$)")

    def test_all_has_every_option_once(self) -> None:
        for program in PROGRAMS:
            said = run(program, "--help", "all").stdout
            shown = re.findall(r"(?m)^  --([a-z-]+)(?: |$)", said)
            self.assertEqual(sorted(shown), sorted(
                option["name"] for option in table_of(program)["options"]
                if option["in_arguments"]))

    def test_one_option_by_its_name(self) -> None:
        said = run("cordwood-ingestor", "--help", "retain-age").stdout
        self.assertIn("variable CORDWOOD_RETAIN_AGE\n", said)
        done = run("cordwood-client", "--help", "recrods")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("did you mean records?", done.stderr)


class Colour(unittest.TestCase):
    def test_on_a_terminal_only(self) -> None:
        for program in PROGRAMS:
            self.assertIn(b"\033[1m--", on_terminal(program, "--help", TERM="xterm"))
            self.assertIn(b"\033[1;31merror:\033[0m --no",
                          on_terminal(program, "--no", TERM="xterm"))
            self.assertNotIn("\033", run(program, "--help").stdout)
            self.assertNotIn("\033", run(program, "--no").stderr)

    def test_not_where_it_is_not_wanted(self) -> None:
        for environment in ({"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}, {}):
            for words in (("--help",), ("--no",)):
                said = on_terminal("cordwood-ingestor", *words, **environment)
                self.assertGreater(len(said), 10)
                self.assertNotIn(b"\033", said)
        said = on_terminal("cordwood-client", "--no", TERM="xterm", NO_COLOR="")
        self.assertIn(b"\033", said, "an empty NO_COLOR is none")


if __name__ == "__main__":
    unittest.main()
