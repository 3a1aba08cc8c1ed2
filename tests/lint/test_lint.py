# SPDX-License-Identifier: Apache-2.0
"""The lint scripts on small trees: each rule must fire on what breaks it, and only there."""
from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LINT = Path(__file__).resolve().parent
SPDX = "# SPDX-License-Identifier: Apache-2.0\n"
HEAD = "/* SPDX-License-Identifier: Apache-2.0\n *\n * thing: a file made for this test. */\n"
BODY = "    return;\n"


def function(name: str, body: str = BODY, parameters: str = "void", prefix: str = "void") -> str:
    return f"{prefix} {name}({parameters})\n{{\n{body}}}\n"


class Tree(unittest.TestCase):
    """A temporary source tree with one good file, and the script that the test class names."""

    script = ""

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = Path(holder.name)
        self.write("common/base/good.c", HEAD + '#include "base/good.h"\n' + function("good_do"))
        self.write("common/base/good.h", HEAD + "#pragma once\n\nvoid good_do(void);\n")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_lint(self, *more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-B", LINT / f"{self.script}.py", "--root", self.root, *more],
            capture_output=True, text=True,
        )

    def assert_clean(self, *more: str) -> None:
        done = self.run_lint(*more)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def assert_finds(self, where: str, rule: str, *more: str) -> None:
        """Exactly one finding: this rule, at this FILE:LINE."""
        done = self.run_lint(*more)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        findings = done.stdout.splitlines()[:-1]
        self.assertEqual([f.split(": ")[:2] for f in findings], [[where, rule]], done.stdout)


class Sizes(Tree):
    script = "sizes"

    def test_limits_themselves_are_fine(self) -> None:
        self.write("common/base/long.c", HEAD + "\n" * 597)
        self.write("common/base/a.c", HEAD + function("a", "    ;\n" * 67))
        five = "int a, " * 4 + "int (*f)(int, int)"
        self.write("common/base/b.c", HEAD + function("b", parameters=five))
        self.write("common/base/wide.c", HEAD + "/* " + "x" * 94 + " */\n")
        self.assert_clean()

    def test_file(self) -> None:
        self.write("common/base/long.c", HEAD + "\n" * 598)
        self.assert_finds("common/base/long.c:601", "file-lines")

    def test_python_file(self) -> None:
        self.write("tests/long.py", "\n" * 601)
        self.assert_finds("tests/long.py:601", "file-lines")

    def test_columns(self) -> None:
        self.write("common/base/wide.c", HEAD + "/* " + "x" * 95 + " */\n")
        self.assert_finds("common/base/wide.c:4", "line-columns")

    def test_function(self) -> None:
        self.write("common/base/a.c", HEAD + function("a", "    ;\n" * 68))
        self.assert_finds("common/base/a.c:4", "function-lines")

    def test_function_with_wrapped_signature(self) -> None:
        parameters = "int one,\n       int two"
        self.write("common/base/a.c", HEAD + function("a", "    ;\n" * 67, parameters))
        self.assert_finds("common/base/a.c:4", "function-lines")

    def test_parameters(self) -> None:
        six = ", ".join(f"int p{i}" for i in range(6))
        self.write("common/base/a.c", HEAD + function("a", parameters=six))
        self.assert_finds("common/base/a.c:4", "parameters")

    def test_generated_files_are_left_alone(self) -> None:
        self.write("common/base/generated/long.c", "\n" * 1000)
        self.assert_clean()

    def test_median_is_printed(self) -> None:
        self.assertIn("median 4 lines", self.run_lint().stdout)


class Layers(Tree):
    script = "layers"

    def include(self, name: str, *lines: str) -> None:
        self.write(name, HEAD + "".join(f"#include {line}\n" for line in lines))

    def test_allowed_edges(self) -> None:
        self.include("common/codec/a.c", '"base/good.h"', '"wire/x.h"', "<string.h>")
        self.include("common/archive/b.c", "<zstd.h>", "<openssl/sha.h>", '"base/good.h"')
        self.include("ingestor/c.c", '"codec/a.h"', '"ingestor/d.h"', "<yaml.h>", '"base/log.h"')
        self.include("tests/unit/d.c", '"ingestor/d.h"', "<sqlite3.h>")
        self.assert_clean()

    def test_upward(self) -> None:
        self.include("common/base/a.c", '"wire/x.h"')
        self.assert_finds("common/base/a.c:4", "layer")

    def test_sideways(self) -> None:
        self.include("common/render/a.c", "<string.h>", '"codec/x.h"')
        self.assert_finds("common/render/a.c:5", "layer")

    def test_program_to_program(self) -> None:
        self.include("client/a.c", '"ingestor/shard.h"')
        self.assert_finds("client/a.c:4", "layer")

    def test_module_out_of_table(self) -> None:
        self.include("common/extra/a.c", "<string.h>")
        self.assert_finds("common/extra/a.c:4", "unknown-module")

    def test_every_library(self) -> None:
        for header in (
            "openssl/ssl.h", "zstd.h", "microhttpd.h", "yaml.h", "jansson.h", "curl/curl.h",
            "pcre2.h", "sqlite3.h", "protobuf-c/protobuf-c.h", "avro.h",
        ):
            with self.subTest(header):
                self.include("common/base/a.c", f"<{header}>")
                self.assert_finds("common/base/a.c:4", "library")

    def test_never(self) -> None:
        for name, header in (
            ("common/wire/a.c", "<sys/socket.h>"), ("common/wire/a.c", '"base/clock.h"'),
            ("common/archive/a.c", "<netinet/in.h>"), ("common/schema/a.c", "<fcntl.h>"),
            ("common/net/a.c", '"base/log.h"'),
        ):
            with self.subTest(name + header):
                self.include(name, header)
                self.assert_finds(name + ":4", "never")
                (self.root / name).unlink()

    def test_allocation(self) -> None:
        text = "/* malloc() in a comment */\n" + function("a", "    free(malloc_count(1));\n")
        self.write("common/codec/a.c", HEAD + text)
        self.assert_finds("common/codec/a.c:7", "allocation")

    def test_parent(self) -> None:
        self.include("common/base/a.c", '"../wire/x.h"')
        self.assert_finds("common/base/a.c:4", "parent-include")

    def test_name_without_module(self) -> None:
        self.include("common/base/a.c", '"good.h"')
        self.assert_finds("common/base/a.c:4", "no-module")

    def test_cycle(self) -> None:
        self.include("common/base/a.h", '"base/b.h"')
        self.include("common/base/b.h", '"base/c.h"')
        self.include("common/base/c.h", '"base/a.h"')
        done = self.run_lint()
        self.assertEqual(done.returncode, 1)
        for name in "abc":
            self.assertIn(f"common/base/{name}.h:1: cycle", done.stdout)
        self.assertNotIn("good.h", done.stdout)


class Symbols(Tree):
    script = "symbols"

    def build(self) -> tuple[str, str]:
        """Compiles the tree's C files and describes it as CMake does."""
        build = self.root / "build"
        build.mkdir(exist_ok=True)
        commands = []
        for number, source in enumerate(sorted(self.root.rglob("*.c"))):
            command = ["cc", f"-I{self.root}/common", "-o", f"{number}.o", "-c", str(source)]
            subprocess.run(command, cwd=build, check=True)
            entry = {"directory": str(build), "command": " ".join(command), "file": str(source)}
            commands.append(entry)
        (build / "compile_commands.json").write_text(json.dumps(commands))
        return "--build", str(build)

    def test_good(self) -> None:
        self.write("ingestor/main.c", HEAD + "int main(void)\n{\n    return 0;\n}\n")
        self.write("client/main.c", HEAD + "int main(void)\n{\n    return 0;\n}\n")
        self.write("common/base/a.c", HEAD + "static int other;\n\nint a = 1;\n" + function("a_b"))
        self.write("common/base/a.h", HEAD)
        self.assert_clean(*self.build())

    def test_foreign_function(self) -> None:
        self.write("common/base/a.c", HEAD + function("ab_do"))
        self.write("common/base/a.h", HEAD)
        self.assert_finds("common/base/a.c:1", "stem", *self.build())

    def test_foreign_variable(self) -> None:
        self.write("common/base/a.c", HEAD + "int counter;\n")
        self.write("common/base/a.h", HEAD)
        self.assert_finds("common/base/a.c:1", "stem", *self.build())

    def test_no_header(self) -> None:
        self.write("common/base/a.c", HEAD + function("a_do"))
        self.assert_finds("common/base/a.c:1", "no-header", *self.build())

    def test_stem_taken(self) -> None:
        self.write("client/good.c", HEAD + "static int none;\n")
        self.assert_finds("common/base/good.c:1", "stem-taken", *self.build())

    def test_object_missing(self) -> None:
        options = self.build()
        (self.root / "build" / "0.o").unlink()
        self.assert_finds("common/base/good.c:1", "not-built", *options)

    def test_empty_build(self) -> None:
        options = self.build()
        (self.root / "build" / "compile_commands.json").write_text("[]")
        self.assertNotEqual(self.run_lint(*options).returncode, 0)


class Words(Tree):
    script = "words"

    def test_good(self) -> None:
        text = '    puts("strcpy(a, b) else");\n    if (x) {\n        y();\n    } else {\n    }\n'
        self.write("common/base/a.c", HEAD + "/* no sprintf() here */\n" + function("a", text))
        self.write("common/base/b.c", HEAD + function("b", "    s->b(1);\n    c.b();\n"))
        self.write("tests/t.py", f'{SPDX}"""Says what it is."""\n')
        self.write("dev", f"#!/bin/sh\n{SPDX}#\n# dev: does the work.\n")
        self.assert_clean()

    def test_banned_calls(self) -> None:
        for name in ("strcpy", "strcat", "sprintf", "vsprintf", "strtok", "alloca", "atoi", "gets"):
            with self.subTest(name):
                self.write("common/base/a.c", HEAD + function("a", f"    {name}(x);\n"))
                self.assert_finds("common/base/a.c:6", "banned")

    def test_else_after_return(self) -> None:
        wrapped = "return f(a,\n                 b);"
        for last in ("return 1;", wrapped, "return;", "x();\n        return s;"):
            with self.subTest(last):
                body = f"    if (a) {{\n        {last}\n    }} else {{\n        b();\n    }}\n"
                self.write("common/base/a.c", HEAD + function("a", body))
                line = 8 + last.count("\n")
                self.assert_finds(f"common/base/a.c:{line}", "else-after-return")

    def test_direct_recursion(self) -> None:
        self.write("common/base/a.c", HEAD + function("a", "    a();\n"))
        self.assert_finds("common/base/a.c:4", "recursion")

    def test_mutual_recursion(self) -> None:
        self.write("common/base/a.c", HEAD + function("a", "    b();\n"))
        self.write("common/base/b.c", HEAD + function("b", "    a();\n"))
        done = self.run_lint()
        self.assertIn("common/base/a.c:4: recursion", done.stdout)
        self.assertIn("common/base/b.c:4: recursion", done.stdout)

    def test_static_names_of_other_files_are_no_recursion(self) -> None:
        self.write("common/base/a.c", HEAD + function("a", "    b();\n"))
        self.write("common/base/b.c", HEAD + function("b", "    help();\n")
                   + function("help", prefix="static void"))
        self.write("common/base/c.c", HEAD + function("help", "    a();\n", prefix="static void"))
        self.assert_clean()

    def test_unfinished(self) -> None:
        for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "place" + "holder",
                     "not " + "implemented", "For " + "now"):
            with self.subTest(word):
                self.write("common/base/a.c", HEAD + f"/* {word}: later */\n")
                self.assert_finds("common/base/a.c:4", "unfinished")

    def test_licence(self) -> None:
        for name, text in (("common/base/a.c", "/* a: good words but no licence. */\n"),
                           ("tests/t.py", '"""Good words but no licence."""\n'),
                           ("dev", "#!/bin/sh\n# good words but no licence\n")):
            with self.subTest(name):
                self.write(name, text)
                self.assert_finds(f"{name}:1", "licence")
                (self.root / name).unlink()

    def test_head(self) -> None:
        bare = HEAD.split("\n")[0] + " */\n"
        for name, text in (("common/base/a.c", bare + "/* later words do not count */\n"),
                           ("tests/t.py", f"{SPDX}import os\n"),
                           ("dev", f"#!/bin/sh\n{SPDX}set -e\n")):
            with self.subTest(name):
                self.write(name, text)
                self.assert_finds(f"{name}:1", "head")
                (self.root / name).unlink()


class Layout(Tree):
    script = "layout"

    def setUp(self) -> None:
        super().setUp()
        self.write(".clang-format", (LINT.parents[1] / ".clang-format").read_text())
        if self.run_lint().returncode == 77:
            self.skipTest("no clang-format of the right version")

    def test_good(self) -> None:
        self.assert_clean()

    def test_bad(self) -> None:
        self.write("common/base/a.c", HEAD + "void a(void) { return; }\n")
        done = self.run_lint()
        self.assertEqual(done.returncode, 1)
        self.assertIn("common/base/a.c:4: layout", done.stdout)


class Shell(Tree):
    script = "shell"

    def setUp(self) -> None:
        super().setUp()
        self.write("dev", '#!/bin/sh\necho "$1"\n')
        if self.run_lint().returncode == 77:
            self.skipTest("no shellcheck")

    def test_good(self) -> None:
        self.assert_clean()

    def test_bad(self) -> None:
        self.write("certs/gen.sh", "#!/bin/sh\n\nrm $1\n")
        self.assert_finds("certs/gen.sh:3", "shellcheck")


class Docs(Tree):
    script = "docs"

    def test_good(self) -> None:
        names = ("common/", "common/base/good.*", "base/good.h", "good.c", "build/x.c",
                 "test_STEM.c", "ls x.c")
        self.write("README.md", "".join(f"`{name}`\n" for name in names))
        self.write("common/base/README.md", "`good.h`\n")
        self.assert_clean()

    def test_bad(self) -> None:
        for name in ("bad.c", "base/bad.h", "common/bad/", "bad_*.py", "wire/good.h"):
            with self.subTest(name):
                self.write("README.md", f"one\n`good.h` and `{name}`\n")
                self.assert_finds("README.md:2", "no-such-file")


class Options(Tree):
    script = "options"

    def setUp(self) -> None:
        super().setUp()
        self.write("client/args.c", HEAD + 'static const struct option rows[] = {\n'
                                           '    {.name = "rate"},\n};\n')
        self.write("registry/registry_cfg.c", HEAD + 'static const struct option rows[] = {\n'
                                                     '    {.name = "port"},\n};\n')
        self.write("tests/run.py", SPDX + 'parser.add_argument("--quick")\n')

    def test_good(self) -> None:
        self.write("README.md", "`--rate`, `--port 8000`, `--quick`, `--help`, zstd --long\n"
                                "    cordwood-client --rate 5 | other --elsewhere\n")
        self.assert_clean()

    def test_bad(self) -> None:
        for text in ("`--ratio`", "`--rat`", "cordwood-client --port 5",
                     "`cordwood-registry --rate`"):
            with self.subTest(text):
                self.write("README.md", f"one\n{text}\n")
                self.assert_finds("README.md:2", "no-such-option")


class Packages(Tree):
    script = "packages"

    def setUp(self) -> None:
        super().setUp()
        self.write("dev", "packages='\n  build  libcmocka-dev  unit tests\n'\n")
        self.write("CMakeLists.txt", "pkg_check_modules(A REQUIRED IMPORTED_TARGET cmocka>=1)\n")
        if self.run_lint().returncode == 77:
            self.skipTest("no dpkg")

    def test_good(self) -> None:
        self.assert_clean()

    def test_package_not_listed(self) -> None:
        self.write("dev", "packages='\n  build  cmake  makes the build\n'\n")
        self.assert_finds("CMakeLists.txt:1", "package")

    def test_module_that_nothing_brings(self) -> None:
        self.write("cmake/more.cmake", "pkg_check_modules(X no-such-module-at-all)\n")
        self.assert_finds("cmake/more.cmake:1", "package")


if __name__ == "__main__":
    unittest.main()
