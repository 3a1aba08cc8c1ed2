/* SPDX-License-Identifier: Apache-2.0
 *
 * proto_text: .proto text as descriptors, by protoc. */
#pragma once

#include "base/buf.h"
#include "schema/schema_protobuf.h"

/* A FileDescriptorSet of the text, as file "case.proto", with what it imports. Fails if protoc does
 * not take it. The caller frees it. */
struct buf proto_text_descriptors(const char *text);

/* The same without the line that says its syntax, which is proto3, and compiled. */
struct schema_protobuf *proto_text_plan(const char *text);
