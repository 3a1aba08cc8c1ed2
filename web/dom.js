// SPDX-License-Identifier: Apache-2.0
//
// dom: the few ways in which the page is changed. Text from logs goes through setText() and make(),
// which make text nodes: nothing here, and nothing else on this page, parses HTML.

const SVG = "http://www.w3.org/2000/svg";

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

export function setClass(element, className) {
  if (element.className !== className) {
    element.className = className;
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

// A short line in a chart's colour and dashes: {ink: a variable of style.css, dash: lengths}.
export function makeSwatch({ ink, dash }) {
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "line");
  svg.setAttribute("class", "swatch");
  svg.setAttribute("viewBox", "0 0 20 8");
  svg.setAttribute("aria-hidden", "true");
  Object.entries({ x1: 0, x2: 20, y1: 4, y2: 4, class: `ink-${ink}` }).forEach(
    ([name, value]) => line.setAttribute(name, value));
  if (dash.length > 0) {
    line.setAttribute("stroke-dasharray", dash.join(" "));
  }
  svg.append(line);
  return svg;
}

// A bar whose length says a share of 1; the number stands beside it, so it is not read out.
function makeBar() {
  const bar = make("span", "share", make("i", ""));
  bar.setAttribute("aria-hidden", "true");
  return bar;
}

function fillCell(element, cell) {
  const { text, kind = "", title = "", share } = typeof cell === "string" ? { text: cell } : cell;
  const target = element.querySelector(".value") ?? element;

  setText(target, text);
  if (target !== element) {
    const width = `${Math.round(1000 * Math.min(1, Math.max(0, share ?? 0))) / 10}%`;
    element.querySelector(".share i").style.width = width;
  }
  if (element.dataset.kind !== kind) {
    element.dataset.kind = kind;
  }
  if (element.title !== title) {
    element.title = title;
  }
}

// A table. `heads` are {text, words: it is read and not compared, so it stands left and may wrap,
// share: it has a bar}. The result takes rows of as many cells: a text, or {text, kind: its
// data-kind, title, share: 0..1}. Cells that stay the same are not touched. Each names its column
// for narrow screens, where a row becomes a block (panels.css).
export function makeTable(table, heads, empty = "") {
  const classOf = (head) => [head.words && "words", head.share && "with-share"].filter(Boolean);
  const names = heads.map((head) => make("th", classOf(head).join(" "), head.text));
  const body = make("tbody", "");
  const note = make("caption", "empty", empty);

  names.forEach((name) => { name.scope = "col"; });
  table.append(note, make("thead", "", make("tr", "", ...names)), body);
  const makeCell = (head, i) => {
    const cell = make(i === 0 ? "th" : "td", classOf(head).join(" "));
    if (i === 0) {
      cell.scope = "row";
    }
    if (head.share) {
      cell.append(makeBar(), make("span", "value"));
    }
    cell.dataset.label = head.text;
    return cell;
  };
  const makeRow = () => make("tr", "", ...heads.map(makeCell));

  return (rows) => {
    note.hidden = rows.length > 0 || empty === "";
    table.classList.toggle("none", rows.length === 0);
    keepChildren(body, rows.length, makeRow);
    rows.forEach((row, at) => {
      row.forEach((cell, i) => fillCell(body.children[at].children[i], cell));
    });
  };
}

// A list of terms and values: the result takes [[term, value, kind], …].
export function makeTerms(list) {
  return (terms) => {
    keepChildren(list, terms.length, () => make("div", "", make("dt", ""), make("dd", "")));
    terms.forEach(([term, value, kind = ""], i) => {
      const [name, text] = list.children[i].children;
      setText(name, term);
      setText(text, value);
      if (text.dataset.kind !== kind) {
        text.dataset.kind = kind;
      }
    });
  };
}

// Keeps rows where they are: two that overtake each other all the time would change places all the
// time. `keyOf` names an item. A new order is taken every 15 s, and not under the reader's pointer.
export function makeSteady(place, keyOf) {
  const NEW_ORDER_MS = 15000;
  let order = [];
  let ordered = -Infinity;

  return (items) => {
    const now = performance.now();
    if (now - ordered > NEW_ORDER_MS && !place.matches(":hover, :focus-within")) {
      order = items.map(keyOf);
      ordered = now;
      return items;
    }
    const rank = new Map(order.map((key, i) => [key, i]));
    const placeOf = (item) => rank.get(keyOf(item)) ?? order.length;
    return items.slice().sort((a, b) => placeOf(a) - placeOf(b));
  };
}
