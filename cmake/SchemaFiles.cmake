# The schemas of LogEntry, embedded: protoc makes the FileDescriptorSet of the .proto text.
# Sets CORDWOOD_SCHEMA_SOURCE to the C file that defines schema/schema_builtin.h. The library
# cordwood_descriptor is the C form of descriptor.proto, made by protoc-c; its warnings are not ours.
find_program(CORDWOOD_PROTOC protoc REQUIRED)
find_program(CORDWOOD_PROTOC_C protoc-c REQUIRED)
find_path(CORDWOOD_PROTO_INCLUDE google/protobuf/descriptor.proto REQUIRED)

set(schemas ${PROJECT_SOURCE_DIR}/schemas)
set(descriptor ${PROJECT_BINARY_DIR}/logentry.desc)
set(CORDWOOD_SCHEMA_SOURCE ${PROJECT_BINARY_DIR}/schema_builtin.c)
set(inputs ${schemas}/logentry.schema.json ${schemas}/logentry.avsc ${descriptor}
    ${schemas}/logentry.proto ${PROJECT_BINARY_DIR}/well_known.desc)
add_custom_command(OUTPUT ${descriptor}
    COMMAND ${CORDWOOD_PROTOC} --proto_path=${schemas} --descriptor_set_out=${descriptor}
        --include_imports logentry.proto
    DEPENDS ${schemas}/logentry.proto VERBATIM)

set(well_known any duration empty field_mask struct timestamp wrappers)
list(TRANSFORM well_known REPLACE "(.+)" "google/protobuf/\\1.proto")
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/well_known.desc
    COMMAND ${CORDWOOD_PROTOC} --proto_path=${CORDWOOD_PROTO_INCLUDE}
        --descriptor_set_out=${PROJECT_BINARY_DIR}/well_known.desc ${well_known}
    VERBATIM)
add_custom_command(OUTPUT ${CORDWOOD_SCHEMA_SOURCE}
    COMMAND ${CORDWOOD_PYTHON} -B ${PROJECT_SOURCE_DIR}/cmake/embed_schemas.py
        ${CORDWOOD_SCHEMA_SOURCE} ${inputs}
    DEPENDS ${PROJECT_SOURCE_DIR}/cmake/embed_schemas.py ${PROJECT_SOURCE_DIR}/cmake/embed_web.py
        ${inputs}
    COMMENT "Embedding the schemas" VERBATIM)

set(made ${PROJECT_BINARY_DIR}/made)
set(descriptor_proto google/protobuf/descriptor)
file(MAKE_DIRECTORY ${made})
add_custom_command(
    OUTPUT ${made}/${descriptor_proto}.pb-c.c ${made}/${descriptor_proto}.pb-c.h
    COMMAND ${CORDWOOD_PROTOC_C} --proto_path=${CORDWOOD_PROTO_INCLUDE} --c_out=${made}
        ${descriptor_proto}.proto
    DEPENDS ${CORDWOOD_PROTO_INCLUDE}/${descriptor_proto}.proto VERBATIM)
add_library(cordwood_descriptor STATIC
    ${made}/${descriptor_proto}.pb-c.c ${made}/${descriptor_proto}.pb-c.h)
target_include_directories(cordwood_descriptor SYSTEM PUBLIC ${made})
target_link_libraries(cordwood_descriptor PUBLIC PkgConfig::PROTOBUF_C)
