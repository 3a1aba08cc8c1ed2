# The schemas of LogEntry, embedded: protoc makes the FileDescriptorSet of the .proto text.
# Sets CORDWOOD_SCHEMA_SOURCE to the C file that defines schema/schema_builtin.h.
find_program(CORDWOOD_PROTOC protoc REQUIRED)

set(schemas ${PROJECT_SOURCE_DIR}/schemas)
set(descriptor ${PROJECT_BINARY_DIR}/logentry.desc)
set(CORDWOOD_SCHEMA_SOURCE ${PROJECT_BINARY_DIR}/schema_builtin.c)
set(inputs ${schemas}/logentry.schema.json ${schemas}/logentry.avsc ${descriptor}
    ${schemas}/logentry.proto)
add_custom_command(OUTPUT ${descriptor}
    COMMAND ${CORDWOOD_PROTOC} --proto_path=${schemas} --descriptor_set_out=${descriptor}
        --include_imports logentry.proto
    DEPENDS ${schemas}/logentry.proto VERBATIM)
add_custom_command(OUTPUT ${CORDWOOD_SCHEMA_SOURCE}
    COMMAND ${CORDWOOD_PYTHON} -B ${PROJECT_SOURCE_DIR}/cmake/embed_schemas.py
        ${CORDWOOD_SCHEMA_SOURCE} ${inputs}
    DEPENDS ${PROJECT_SOURCE_DIR}/cmake/embed_schemas.py ${PROJECT_SOURCE_DIR}/cmake/embed_web.py
        ${inputs}
    COMMENT "Embedding the schemas" VERBATIM)
