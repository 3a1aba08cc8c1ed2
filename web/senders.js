// SPDX-License-Identifier: Apache-2.0
//
// senders: who sends, what services they speak for, and who speaks what is not understood here.

import * as text from "./text.js";
import { byId, keepChildren, make, makeSteady, makeTable, makeTerms, setText } from "./dom.js";
import { setLine } from "./lines.js";

const SKEW_LARGE_S = 60;

export function makePeers() {
  const place = byId("peers");
  const keepOrder = makeSteady(place, ({ address, name }) => `${address}\n${name}`);
  const fill = makeTable(place, [
    { text: "Peer" }, { text: "certificate", words: true }, { text: "sniffed as", words: true },
    { text: "open" }, { text: "bytes" }, { text: "records" }, { text: "rejected" },
    { text: "clock" }, { text: "heard" },
  ], "Nobody has connected yet.");

  return ({ peers, time }) => {
    const now = Date.parse(time);
    fill(keepOrder(peers).map((peer) => [
      { text: peer.address, kind: "name" },
      { text: peer.name ?? text.NONE, title: peer.name ?? "", kind: peer.name ? "" : "idle" },
      peer.streams.join(", ") || text.NONE,
      { text: text.count(peer.connections), kind: peer.connections === 0 ? "idle" : "" },
      text.bytes(peer.bytes), text.count(peer.records),
      { text: text.count(peer.rejected), kind: peer.rejected > 0 ? "warn" : "idle" },
      { text: text.skew(peer.skew_s),
        kind: Math.abs(peer.skew_s ?? 0) > SKEW_LARGE_S ? "warn" : "" },
      text.ago(peer.last, now),
    ]));
  };
}

export function makeServices() {
  const place = byId("services");
  const keepOrder = makeSteady(place, ({ name }) => name);
  const fill = makeTable(place, [
    { text: "Service", words: true }, { text: "records" }, { text: "share", share: true },
  ], "No record has been archived yet.");

  return ({ services, services_sampled: sampled }) => {
    setText(byId("services-note"),
      `the 20 with most records${sampled ? ", estimated from a sample" : ""}`);
    fill(keepOrder(services).map(({ name, records, share }) => [
      { text: name, title: name }, `${sampled ? "≈ " : ""}${text.count(records)}`,
      { text: text.percent(share), share },
    ]));
  };
}

function sum(counts) {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}

export function makeConnections() {
  const fill = makeTerms(byId("connections"));

  return ({ connections, udp, certificate }) => {
    const failed = Object.entries(connections.tls_failures).filter(([, number]) => number > 0);
    const warn = (number) => (number > 0 ? "warn" : "");
    const failures = sum(connections.tls_failures);
    fill([
      ["open", text.count(connections.open)],
      ["accepted", text.count(connections.accepted)],
      ["refused", text.count(connections.refused), warn(connections.refused)],
      ["reset by the sender", text.count(connections.ended.reset)],
      ["TLS handshakes failed", text.count(failures), warn(failures)],
      ...failed.map(([why, number]) => [`– ${text.label(why)}`, text.count(number)]),
      ["UDP datagrams", text.count(udp.datagrams)],
      ["UDP dropped by the kernel", text.count(udp.dropped), warn(udp.dropped)],
      [certificate.development ? "development certificate until" : "certificate until",
        text.day(certificate.expires_s)],
    ]);
  };
}

export function makeForeign() {
  const list = byId("foreign");
  const makeItem = () => make("li", "", make("b", ""), " speaks ", make("b", ""),
    make("span", "instead"), make("span", "faint"));

  return ({ foreign, time }) => {
    const now = Date.parse(time);
    if (foreign.length === 0) {
      keepChildren(list, 1, () => make("li", "faint", "none seen"));
      if (list.firstElementChild.className !== "faint") {
        list.replaceChildren(make("li", "faint", "none seen"));
      }
      return;
    }
    if (list.firstElementChild?.className === "faint") {
      list.replaceChildren();
    }
    keepChildren(list, foreign.length, makeItem);
    foreign.forEach(({ peer, protocol, instead, count, last }, i) => {
      const [who, what, fix, when] = list.children[i].children;
      setLine(who, peer);
      setLine(what, protocol);
      setLine(fix, `use instead: ${instead}`);
      setLine(when, `${text.plural(count, "connection")}, last ${text.ago(last, now)}`);
    });
  };
}
