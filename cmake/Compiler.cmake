# Flags every target of the project gets. They are in one interface target, so that a target that
# forgets them does not exist: cmake/Targets.cmake links it into all of them.
add_library(cordwood_flags INTERFACE)

target_compile_options(cordwood_flags INTERFACE
    -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes -Wundef -Wvla
    -Wswitch-enum -Wcast-qual -Wformat=2 -fno-omit-frame-pointer -fstack-protector-strong
    $<$<BOOL:${CORDWOOD_WERROR}>:-Werror>)
target_compile_definitions(cordwood_flags INTERFACE
    _GNU_SOURCE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
target_link_options(cordwood_flags INTERFACE -Wl,-z,relro,-z,now)

if(CORDWOOD_SANITIZE)
    target_compile_options(cordwood_flags INTERFACE
        -fsanitize=${CORDWOOD_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(cordwood_flags INTERFACE -fsanitize=${CORDWOOD_SANITIZE})
endif()
if(CORDWOOD_FUZZ)
    target_compile_options(cordwood_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Assertions stay on in every build: a broken invariant must stop the program before it writes a
# wrong line into an archive.
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()
