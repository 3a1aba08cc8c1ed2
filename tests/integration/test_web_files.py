# SPDX-License-Identifier: Apache-2.0
"""The dashboard's files: small, all embedded, nothing from elsewhere, no HTML made from text."""
from __future__ import annotations

import gzip
import re
import unittest
from pathlib import Path

import cordwood

GZIPPED_BYTES_MAX = 60_000
LIBRARY = ("uPlot.iife.min.js", "uPlot.min.css")
MAKES_HTML = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function"
    r"|createContextualFragment|setAttribute\(\"(?:style|on)"
)
ELSEWHERE = re.compile(r"""(?:src|href|url|import|from|fetch|EventSource)[\s=(]*["']?(?:\w+:)?//""")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", re.IGNORECASE)


def own_files() -> list[Path]:
    return sorted(path for path in cordwood.source("web").iterdir() if path.suffix != ".md")


class WebFiles(unittest.TestCase):
    def test_weight(self) -> None:
        library = cordwood.source("node_modules/uplot")
        files = [*own_files(), *(library / "dist" / name for name in LIBRARY), library / "LICENSE"]
        weights = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in files}
        self.assertLess(sum(weights.values()), GZIPPED_BYTES_MAX, weights)

    def test_every_file_is_embedded(self) -> None:
        listed = cordwood.source("cmake/WebFiles.cmake").read_text().split()
        for path in own_files():
            self.assertIn(path.name, [name.rstrip(")") for name in listed])

    def test_modules_that_are_imported_are_there(self) -> None:
        names = {path.name for path in own_files()}
        for path in own_files():
            for name in re.findall(r'from "\./([^"]+)"', path.read_text()):
                self.assertIn(name, names, path.name)

    def test_nothing_makes_html_of_text(self) -> None:
        for path in own_files():
            self.assertNotRegex(path.read_text(), MAKES_HTML, path.name)

    def test_nothing_comes_from_elsewhere(self) -> None:
        for path in own_files():
            self.assertNotRegex(path.read_text(), ELSEWHERE, path.name)

    def test_nothing_is_inline(self) -> None:
        for path in own_files():
            if path.suffix == ".html":
                self.assertNotRegex(path.read_text(), INLINE, path.name)


if __name__ == "__main__":
    cordwood.main()
