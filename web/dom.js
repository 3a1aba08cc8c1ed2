// SPDX-License-Identifier: Apache-2.0
//
// dom: the few ways in which the page is changed. Text from logs goes through setText() and make(),
// which make text nodes: nothing here, and nothing else on this page, parses HTML.

export function byId(id) {
  return document.getElementById(id);
}

// An element with a class (or "") and text or children.
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className !== "") {
    element.className = className;
  }
  element.append(...children);
  return element;
}

// Touches the page only if the text is another one.
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

// Makes `parent` have exactly `count` children, made by make(index); those that exist stay.
export function keepChildren(parent, count, makeChild) {
  while (parent.children.length < count) {
    parent.append(makeChild(parent.children.length));
  }
  while (parent.children.length > count) {
    parent.lastElementChild.remove();
  }
}

// A table: `heads` are {text, words}; the result takes rows of the same length. A cell is a text,
// or {text, className}. Rows and cells that stay the same are not touched.
export function makeTable(table, heads) {
  const names = heads.map((head) => make("th", head.words ? "words" : "", head.text));
  const body = make("tbody", "");
  table.append(make("thead", "", make("tr", "", ...names)), body);
  const makeCell = (head, i) => make(i === 0 ? "th" : "td", head.words ? "words" : "");
  const makeRow = () => make("tr", "", ...heads.map(makeCell));

  return (rows) => {
    keepChildren(body, rows.length, makeRow);
    rows.forEach((row, at) => {
      row.forEach((cell, i) => {
        const element = body.children[at].children[i];
        const { text, className } = typeof cell === "string" ? { text: cell } : cell;
        setText(element, text);
        if (className !== undefined && element.className !== className) {
          element.className = className;
        }
      });
    });
  };
}

// A list of terms and values: the result takes [[term, value], …].
export function makeTerms(list) {
  return (pairs) => {
    keepChildren(list, pairs.length * 2, (i) => make(i % 2 === 0 ? "dt" : "dd", ""));
    pairs.flat().forEach((text, i) => setText(list.children[i], text));
  };
}
