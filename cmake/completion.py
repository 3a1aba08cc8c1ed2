# SPDX-License-Identifier: Apache-2.0
"""Writes a program's completion for a shell, from the program's own option table.

    completion.py OUT bash|zsh TABLE.json

TABLE.json is what the program prints for --print-options. Neither needs more than the shell itself.
"""
from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Option = dict[str, Any]

BASH = """\
# bash completion for {program}, made from its option table. Load it with `source`, or keep it in
# a directory that bash-completion reads under the name of the program.
_{function}() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} option=${{COMP_WORDS[COMP_CWORD - 1]}}
    # readline parts words at = as well: --option = value
    if [[ $word == "=" ]]; then
        word=
    elif [[ $option == "=" ]]; then
        option=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    COMPREPLY=()
    case $option in
{cases}
    esac
    if [[ $word == -* || -z $word ]]; then
        mapfile -t COMPREPLY < <(compgen -W "{options}" -- "$word")
    fi
{operands}}}
complete -F _{function} {program}
"""

WORDS = """\
    {names})
        mapfile -t COMPREPLY < <(compgen -W "{words}" -- "$word")
        return
        ;;"""
FILES = """\
    {names})
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -{kind} -- "$word")
        return
        ;;"""
NOTHING = """\
    {names}) return ;;"""

REPLAY = """\
    if [[ $word != -* && " ${COMP_WORDS[*]} " == *" --replay "* ]]; then # more files may follow
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
"""


def words_of(table: dict[str, Any], option: Option) -> list[str]:
    """The values that an option can have, if they can be listed."""
    if option["name"] == "help":
        groups = [group["name"] for group in table["groups"]]
        return ["all", *groups, *(other["name"] for other in table["options"])]
    return list(option["choices"])


def is_directory(option: Option) -> bool:
    return bool(option["path"]) and option["arg"] == "DIR"


def bash(table: dict[str, Any], options: list[Option]) -> str:
    cases, files, directories, nothing = [], [], [], []
    for option in options:
        name, words = "--" + option["name"], words_of(table, option)
        if words:
            names = name + ("|-h" if option["name"] == "help" else "")
            cases.append(WORDS.format(names=names, words=" ".join(words)))
        elif option["path"]:
            (directories if is_directory(option) else files).append(name)
        elif option["name"] == "replay":
            files.append(name)
        elif not option["alone"]:
            nothing.append(name)
    for names, kind in ((files, "f"), (directories, "d")):
        if names:
            cases.append(FILES.format(names=" | ".join(names), kind=kind))
    cases.append(NOTHING.format(names=" | ".join(nothing)))
    has_replay = any(option["name"] == "replay" for option in options)
    return BASH.format(
        program=table["program"], function=table["program"].replace("-", "_"),
        cases="\n".join(cases), options=" ".join("--" + option["name"] for option in options),
        operands=REPLAY if has_replay else "")


def zsh_quote(text: str) -> str:
    """Text inside [ ] of an _arguments line, in single quotes."""
    for special in ("\\", "[", "]", ":"):
        text = text.replace(special, "\\" + special)
    return text.replace("'", "'\\''")


def zsh_action(table: dict[str, Any], option: Option) -> str:
    words = words_of(table, option)
    if words:
        return f"({' '.join(words)})"
    if option["path"] or option["name"] == "replay":
        return "_files -/" if is_directory(option) else "_files"
    return " "


def zsh(table: dict[str, Any], options: list[Option]) -> str:
    lines = []
    for option in options:
        flag = "--" + option["name"]
        again = "*" if option["list"] else ""
        about = zsh_quote(option["help"])
        if option["name"] == "help":
            lines.append(f"'{flag}[{about}]::topic:{zsh_action(table, option)}'")
        elif option["alone"]:
            lines.append(f"'{flag}[{about}]'")
        else:
            lines.append(f"'{again}{flag}=[{about}]:{option['arg'].replace(':', '')}:"
                         f"{zsh_action(table, option)}'")
        if option["name"] == "replay":
            lines.append("'*:file:_files'")
    return (f"#compdef {table['program']}\n"
            f"# zsh completion for {table['program']}, made from its option table. It belongs into "
            "a directory\n# of fpath.\n_arguments \\\n    " + " \\\n    ".join(lines) + "\n")


def main() -> None:
    out, shell, path = sys.argv[1:]
    table = json.loads(Path(path).read_text())
    options = [option for option in table["options"] if option["in_arguments"]]
    Path(out).write_text({"bash": bash, "zsh": zsh}[shell](table, options))


if __name__ == "__main__":
    main()
