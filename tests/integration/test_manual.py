# SPDX-License-Identifier: Apache-2.0
"""Manual pages and completion as the build made them: pages that no checker complains about and
that hold every option; completion in real shells."""
from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest
from pathlib import Path
from typing import Any

import cordwood

PROGRAMS = ("cordwood-ingestor", "cordwood-registry", "cordwood-client")
BUILD = Path(os.environ["CORDWOOD_BIN"]).parent
PAGES = tuple(f"{program}.1" for program in PROGRAMS) + ("cordwood.yaml.5",)
SECTIONS = {
    "1": ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "SIGNALS", "EXIT STATUS",
          "EXAMPLES", "SEE ALSO"],
    "5": ["NAME", "DESCRIPTION", "KEYS", "EXAMPLES", "SEE ALSO"],
}


def table(program: str) -> dict[str, Any]:
    done = subprocess.run([cordwood.program(program), "--print-options"], capture_output=True,
                          text=True, check=True, env=cordwood.clean_environment())
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def rendered(page: str) -> str:
    """The page as people read it, without the overstrikes of bold."""
    done = subprocess.run(["mandoc", "-Tascii", "-Owidth=80", str(BUILD / "man" / page)],
                          capture_output=True, text=True, check=True)
    return re.sub(".\b", "", done.stdout)


class Pages(unittest.TestCase):
    def setUp(self) -> None:
        if shutil.which("mandoc") is None:
            self.skipTest("no mandoc here")

    def test_no_checker_complains(self) -> None:
        for page in PAGES:
            done = subprocess.run(["mandoc", "-Tlint", str(BUILD / "man" / page)],
                                  capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), page)
            if shutil.which("groff") is not None:
                done = subprocess.run(["groff", "-man", "-Tutf8", "-wall", "-z",
                                       str(BUILD / "man" / page)], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""), page)

    def test_sections_in_their_order(self) -> None:
        for page in PAGES:
            found = [name for name in re.findall(r"(?m)^([A-Z ]+)$", rendered(page))
                     if name in SECTIONS[page[-1]]]
            self.assertEqual(found, SECTIONS[page[-1]], page)

    def test_every_option_and_key_has_its_entry(self) -> None:
        for program in PROGRAMS:
            entries = re.findall(r"(?m)^       --([a-z-]+)", rendered(f"{program}.1"))
            self.assertEqual(sorted(set(entries)), sorted(
                row["name"] for row in table(program)["options"] if row["in_arguments"]))
        keys = re.findall(r"(?m)^       ([a-z-]+): [A-Zt\[]", rendered("cordwood.yaml.5"))
        self.assertEqual(sorted(keys), sorted(
            row["name"] for row in table("cordwood-ingestor")["options"] if row["in_file"]))

    def test_an_entry_says_what_the_table_says(self) -> None:
        text = " ".join(rendered("cordwood-ingestor.1").split())
        for row in table("cordwood-ingestor")["options"]:
            if row["kind"] == "size" and row["in_arguments"]:
                self.assertRegex(text, rf"--{row['name']} SIZE [^-]*Allowed: "
                                       rf"{row['allowed']}\. Default: {row['default']}\.")

    def test_the_example_file_is_one(self) -> None:
        examples = rendered("cordwood.yaml.5").split("\nEXAMPLES\n")[1].split("\nSEE ALSO")[0]
        lines = re.findall(r"(?m)^ +([a-z-]+: .*)$", examples)
        self.assertGreater(len(lines), 5)
        path = BUILD / "man" / "example.yaml"
        path.write_text("\n".join(lines) + "\n")
        done = subprocess.run(
            [cordwood.program("cordwood-ingestor"), "--config", str(path), "--print-config"],
            capture_output=True, text=True, env=cordwood.clean_environment())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.count(" # file\n"), len(lines))


# Each shell gets a function in the program's place that tells its words.
BASH = """PS1=; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'
source {dir}/bash/{program}
{program}() {{ local IFS='|'; printf 'R%s:%s:\\n' AN "$*"; }}
"""
ZSH = """PS1=; PROMPT_EOL_MARK=; setopt no_beep; unset zle_bracketed_paste
fpath=({dir}/zsh $fpath); autoload -Uz compinit; compinit -u -D
{program}() {{ local IFS='|'; printf 'R%s:%s:\\n' AN "$*" }}
"""


class Shell:
    """An interactive shell on a terminal of its own."""

    def __init__(self, words: list[str], start: str, directory: str) -> None:
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.chdir(directory)
            os.environ.update(TERM="dumb", HISTFILE="/dev/null", ZDOTDIR=directory)
            os.execvp(words[0], words)
        self.said = ""
        self.type(start + "printf 'rea%s\\n' dy\n")
        self.expect(r"\bready\b")

    def type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def expect(self, pattern: str) -> str:
        until = time.monotonic() + cordwood.PATIENCE_S
        while re.search(pattern, self.said) is None:
            if time.monotonic() > until:
                raise AssertionError(f"no {pattern} in {self.said!r}")
            if select.select([self.fd], [], [], 0.2)[0]:
                self.said += os.read(self.fd, 65536).decode(errors="replace")
        match = re.search(pattern, self.said)
        assert match is not None
        self.said = self.said[match.end():]
        return match[0]

    def completed(self, line: str) -> list[str]:
        """The words that the line has once Tab has been pressed at its end."""
        self.type(line + "\t\n")
        return self.expect(r"RAN:[^:]*:")[4:-1].split("|")

    def close(self) -> None:
        self.type("exit\n")
        os.close(self.fd)
        os.waitpid(self.child, 0)


class Completion(cordwood.TestCase):
    SHELLS = {"bash": (["bash", "--norc", "--noprofile", "-i"], BASH),
              "zsh": (["zsh", "-f", "-i"], ZSH)}

    def shell(self, name: str, program: str) -> Shell:
        if shutil.which(name) is None:
            self.skipTest(f"no {name} here")
        words, start = self.SHELLS[name]
        (self.directory / "ca.pem").touch()
        (self.directory / "data.d").mkdir()
        shell = Shell(words, start.format(dir=BUILD / "completion", program=program),
                      str(self.directory))
        self.addCleanup(shell.close)
        return shell

    def check(self, name: str) -> None:
        shell = self.shell(name, "cordwood-ingestor")
        for typed, words in (
            ("--rotate-by", ["--rotate-bytes"]),
            ("--layout da", ["--layout", "daily"]),
            ("--layout=da", ["--layout=daily"]),
            ("--cert ca", ["--cert", "ca.pem"]),
            ("--data-dir dat", ["--data-dir", "data.d"]),
            ("--http-open --on-full sh", ["--http-open", "--on-full", "shed"]),
            ("--help lim", ["--help", "limits"]),
        ):
            got = [word.strip() for word in shell.completed(f"cordwood-ingestor {typed}")]
            # Shells differ in the = behind an option and the / behind a directory.
            self.assertEqual([word.rstrip("=/") for word in got], words, f"{name}: {typed}")

    def test_bash(self) -> None:
        self.check("bash")

    def test_zsh(self) -> None:
        self.check("zsh")

    def test_every_option_is_offered(self) -> None:
        for program in PROGRAMS:
            names = {f"--{row['name']}" for row in table(program)["options"]
                     if row["in_arguments"]}
            source = (f"source {BUILD}/completion/bash/{program}; COMP_WORDS=({program} --); "
                      f"COMP_CWORD=1; _{program.replace('-', '_')}; "
                      "printf '%s\\n' \"${COMPREPLY[@]}\"")
            done = subprocess.run(["bash", "-c", source], capture_output=True, text=True)
            self.assertEqual((set(done.stdout.split()), done.stderr), (names, ""), program)
            text = (BUILD / "completion" / "zsh" / f"_{program}").read_text()
            self.assertEqual(set(re.findall(r"(?m)^    '\*?(--[a-z-]+)", text)), names, program)


if __name__ == "__main__":
    unittest.main()
