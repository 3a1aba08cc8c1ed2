# How targets are made: one call per library, program, unit test and fuzz target.
include(CMakeParseArguments)

# cordwood_library(NAME SOURCES a.c b.c LINKS x y): the static library cordwood_NAME.
function(cordwood_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
    add_library(cordwood_${name} STATIC ${ARG_SOURCES})
    target_include_directories(cordwood_${name} PUBLIC
        ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/common)
    target_link_libraries(cordwood_${name} PUBLIC ${ARG_LINKS} PRIVATE cordwood_flags)
endfunction()

# The programs that people run, cordwood-*; beside them programs only measure.
add_custom_target(programs)

# cordwood_program(NAME SOURCES … LINKS …): the program NAME, in build/<preset>/bin.
function(cordwood_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE ${ARG_LINKS} cordwood_flags)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/common)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
    if(name MATCHES "^cordwood-")
        add_dependencies(programs ${name})
    endif()
endfunction()

# Which tests a build registers: a Release build those that measure (memory, losses under load,
# instruction counts), a fuzzing build its fuzz targets, any other build all the rest.
if(CORDWOOD_FUZZ)
    set(CORDWOOD_TEST_KIND fuzz)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    set(CORDWOOD_TEST_KIND release)
else()
    set(CORDWOOD_TEST_KIND plain)
endif()
set(CORDWOOD_FUZZ_SECONDS 10 CACHE STRING "how long CTest runs each fuzz target")

# The distribution's Python: it has the distribution's modules (python3-yaml, python3-zstandard).
find_program(CORDWOOD_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

# cordwood_unit_test(STEM LINKS …): tests/unit/test_STEM.c as a cmocka program and a CTest test.
function(cordwood_unit_test stem)
    cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
    if(CORDWOOD_TEST_KIND STREQUAL release)
        return()
    endif()
    add_executable(test_${stem} test_${stem}.c)
    target_link_libraries(test_${stem} PRIVATE
        ${ARG_LINKS} cordwood_test_support PkgConfig::CMOCKA cordwood_flags)
    if(CORDWOOD_TEST_KIND STREQUAL plain)
        add_test(NAME unit_${stem} COMMAND test_${stem})
        set_tests_properties(unit_${stem} PROPERTIES LABELS unit TIMEOUT 120)
    endif()
endfunction()

# cordwood_fuzz_target(STEM LINKS …): tests/fuzz/fuzz_STEM.c. With CORDWOOD_FUZZ it is a libFuzzer
# program, which CTest runs for CORDWOOD_FUZZ_SECONDS; without, CTest replays tests/vectors/STEM/.
function(cordwood_fuzz_target stem)
    cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
    if(CORDWOOD_TEST_KIND STREQUAL release)
        return()
    endif()
    add_executable(fuzz_${stem} fuzz_${stem}.c)
    target_link_libraries(fuzz_${stem} PRIVATE ${ARG_LINKS} cordwood_flags)
    set(vectors ${PROJECT_SOURCE_DIR}/tests/vectors/${stem})
    if(CORDWOOD_TEST_KIND STREQUAL fuzz)
        target_link_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer)
        set(corpus ${PROJECT_SOURCE_DIR}/build/fuzz-corpus/${stem})
        set(crashes ${PROJECT_SOURCE_DIR}/build/fuzz-crashes)
        file(MAKE_DIRECTORY ${corpus} ${crashes})
        add_test(NAME fuzz_${stem} COMMAND fuzz_${stem}
            -max_total_time=${CORDWOOD_FUZZ_SECONDS} -timeout=10 -rss_limit_mb=2048
            -artifact_prefix=${crashes}/${stem}- ${corpus} ${vectors})
        math(EXPR timeout "${CORDWOOD_FUZZ_SECONDS} + 300")
        set_tests_properties(fuzz_${stem} PROPERTIES
            LABELS fuzz TIMEOUT ${timeout} FIXTURES_REQUIRED build_fuzz)
    else()
        target_sources(fuzz_${stem} PRIVATE vectors.c)
        add_test(NAME replay_${stem} COMMAND fuzz_${stem} ${vectors})
        set_tests_properties(replay_${stem} PROPERTIES LABELS fuzz TIMEOUT 120)
    endif()
endfunction()

# cordwood_python_test(NAME SCRIPT s [ARGS …] LABEL l TIMEOUT s [RELEASE] [SERIAL]): a Python script
# as a CTest test; exit status 77 means skipped. RELEASE: run with the optimised programs only.
# SERIAL: needs the machine for itself.
function(cordwood_python_test name)
    cmake_parse_arguments(ARG "RELEASE;SERIAL" "SCRIPT;LABEL;TIMEOUT" "ARGS" ${ARGN})
    set(kind plain)
    if(ARG_RELEASE)
        set(kind release)
    endif()
    if(NOT CORDWOOD_TEST_KIND STREQUAL kind)
        return()
    endif()
    add_test(NAME ${name} COMMAND ${CORDWOOD_PYTHON} -B ${ARG_SCRIPT} ${ARG_ARGS})
    set(environment
        CORDWOOD_BIN=${PROJECT_BINARY_DIR}/bin
        CORDWOOD_SOURCE=${PROJECT_SOURCE_DIR}
        CORDWOOD_SHARED=${PROJECT_SOURCE_DIR}/../shared
        PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/integration/support)
    set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT}
        SKIP_RETURN_CODE 77 ENVIRONMENT "${environment}")
    if(ARG_SERIAL)
        set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
    endif()
    if(ARG_RELEASE)
        set_tests_properties(${name} PROPERTIES
            LABELS "${ARG_LABEL};release" FIXTURES_REQUIRED build_release)
    endif()
endfunction()

# cordwood_lint(NAME [ARGS …]): tests/lint/NAME.py, a check of the source text.
function(cordwood_lint name)
    cordwood_python_test(lint_${name} SCRIPT ${PROJECT_SOURCE_DIR}/tests/lint/${name}.py
        ARGS ${ARGN} LABEL lint TIMEOUT 120)
endfunction()

# cordwood_integration_test(NAME [RELEASE] [SERIAL] TIMEOUT s): tests/integration/test_NAME.py, a
# unittest file that drives the real programs of this build.
function(cordwood_integration_test name)
    cordwood_python_test(integration_${name}
        SCRIPT ${PROJECT_SOURCE_DIR}/tests/integration/test_${name}.py LABEL integration ${ARGN})
endfunction()
