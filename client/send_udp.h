/* SPDX-License-Identifier: Apache-2.0
 *
 * send_udp: batches of JSON lines as datagrams: as many whole lines as fit, LF between them. A line
 * that does not fit into one goes alone and is counted. UDP has no answer: a datagram that the
 * kernel took counts as sent. */
#pragma once

#include "client/send.h"

#define SEND_UDP_DATAGRAM_BYTES 1400u

extern const struct send_ops send_udp_ops;

/* The length of the next datagram at the head of `lines` (not empty; each line ended by LF), with
 * the last LF. */
size_t send_udp_datagram(struct span lines);
