# The dashboard's files, embedded into the ingestor: ours from web/, and uPlot as npm installed it.
# Sets CORDWOOD_WEB_SOURCE to the C file that defines ingestor/web_files.h.
set(uplot ${PROJECT_SOURCE_DIR}/node_modules/uplot)
if(NOT EXISTS ${uplot}/dist/uPlot.iife.min.js)
    message(FATAL_ERROR
        "The dashboard's chart library is not installed (node_modules/uplot is missing). Run ./dev "
        "build once, which installs it, or `npm ci` in ${PROJECT_SOURCE_DIR}.")
endif()

set(web_files)
set(web_inputs)
function(cordwood_web_file name file)
    set(web_files ${web_files} ${name}=${file} PARENT_SCOPE)
    set(web_inputs ${web_inputs} ${file} PARENT_SCOPE)
endfunction()

foreach(name
        app.js charts.js dom.js icon.svg index.html lines.js now.css now.js panels.css
        records.js senders.js settings.html settings.js store.js stream.js style.css tables.js
        tail.js text.js)
    cordwood_web_file(${name} ${PROJECT_SOURCE_DIR}/web/${name})
endforeach()
cordwood_web_file(uPlot.iife.min.js ${uplot}/dist/uPlot.iife.min.js)
cordwood_web_file(uPlot.min.css ${uplot}/dist/uPlot.min.css)
cordwood_web_file(uPlot.LICENSE.txt ${uplot}/LICENSE)

set(CORDWOOD_WEB_SOURCE ${PROJECT_BINARY_DIR}/web_files.c)
add_custom_command(OUTPUT ${CORDWOOD_WEB_SOURCE}
    COMMAND ${CORDWOOD_PYTHON} -B ${PROJECT_SOURCE_DIR}/cmake/embed_web.py
        ${CORDWOOD_WEB_SOURCE} ${web_files}
    DEPENDS ${PROJECT_SOURCE_DIR}/cmake/embed_web.py ${web_inputs}
    COMMENT "Embedding the dashboard" VERBATIM)
