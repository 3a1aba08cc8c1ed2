# Manual pages and completion, made from the programs' own option tables: man/NAME.SECTION,
# completion/bash/NAME, completion/zsh/_NAME below the build directory. Target: manual, a part of
# `programs`. Not in builds whose programs are not meant to be installed.
if(CORDWOOD_FUZZ OR CORDWOOD_SANITIZE STREQUAL "thread")
    return()
endif()

set(CORDWOOD_DATE 2026-11-25) # of the manual: of the last change that a reader sees
set(manual_dir ${PROJECT_BINARY_DIR}/man)
set(bash_dir ${PROJECT_BINARY_DIR}/completion/bash)
set(zsh_dir ${PROJECT_BINARY_DIR}/completion/zsh)
file(MAKE_DIRECTORY ${manual_dir} ${bash_dir} ${zsh_dir})
set(manual_files)

# cordwood_manual_page(NAME SECTION PROGRAM): from docs/man/NAME.md and the table of PROGRAM.
function(cordwood_manual_page name section program)
    set(script ${PROJECT_SOURCE_DIR}/cmake/manual_pages.py)
    set(text ${PROJECT_SOURCE_DIR}/docs/man/${name}.md)
    set(table ${manual_dir}/${program}.json)
    add_custom_command(OUTPUT ${manual_dir}/${name}.${section}
        COMMAND ${CORDWOOD_PYTHON} -B ${script} ${manual_dir}/${name}.${section} ${name} ${section}
            ${PROJECT_VERSION} ${CORDWOOD_DATE} ${table} ${text}
        DEPENDS ${script} ${text} ${table}
        COMMENT "Manual page ${name}(${section})" VERBATIM)
    set(manual_files ${manual_files} ${manual_dir}/${name}.${section} PARENT_SCOPE)
endfunction()

# cordwood_completion(PROGRAM SHELL FILE)
function(cordwood_completion program shell file)
    set(script ${PROJECT_SOURCE_DIR}/cmake/completion.py)
    set(table ${manual_dir}/${program}.json)
    add_custom_command(OUTPUT ${file}
        COMMAND ${CORDWOOD_PYTHON} -B ${script} ${file} ${shell} ${table}
        DEPENDS ${script} ${table}
        COMMENT "Completion of ${program} for ${shell}" VERBATIM)
    set(manual_files ${manual_files} ${file} PARENT_SCOPE)
endfunction()

foreach(program cordwood-ingestor cordwood-registry cordwood-client)
    add_custom_command(OUTPUT ${manual_dir}/${program}.json
        COMMAND ${program} --print-options > ${manual_dir}/${program}.json
        DEPENDS ${program}
        COMMENT "Options of ${program}" VERBATIM)
    cordwood_manual_page(${program} 1 ${program})
    cordwood_completion(${program} bash ${bash_dir}/${program})
    cordwood_completion(${program} zsh ${zsh_dir}/_${program})
endforeach()
cordwood_manual_page(cordwood.yaml 5 cordwood-ingestor)

add_custom_target(manual ALL DEPENDS ${manual_files})
add_dependencies(programs manual)
