# The web UI inside the binary: npm ci (when the lock changed), vite build, tools/embed_ui (when a source changed).
#
#   penstock_ui(<target>)   adds the source that defines penstock::app::ui_files() to <target>
#
# PENSTOCK_UI=OFF gives an empty table and needs no Node. PENSTOCK_NODE_DIR is a folder with node and npm; by
# default those of PATH are taken if new enough, else the ones that tools/third_party/fetch brings.

set(PENSTOCK_NODE_DIR "" CACHE PATH "Folder with node (20.19 or newer) and npm for the UI's build")
set(PENSTOCK_NODE_VERSION_MIN 20.19)

# Sets <variable> to a folder with a node that is new enough, and its npm.
function(penstock_find_node variable)
  set(folder ${PENSTOCK_NODE_DIR})
  if(NOT folder)
    find_program(node node NO_CACHE)
    find_program(npm npm NO_CACHE)
    if(node AND npm)
      execute_process(COMMAND ${node} --version OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE)
      string(REPLACE "v" "" version "${version}")
      if(version VERSION_GREATER_EQUAL PENSTOCK_NODE_VERSION_MIN)
        get_filename_component(folder ${node} DIRECTORY)
      endif()
    endif()
  endif()
  if(NOT folder)
    penstock_third_party(node prefix)
    set(folder ${prefix}/bin)
  endif()
  if(NOT EXISTS ${folder}/node OR NOT EXISTS ${folder}/npm)
    message(FATAL_ERROR "${folder} lacks node or npm; set PENSTOCK_NODE_DIR to a folder that has both")
  endif()
  set(${variable} ${folder} PARENT_SCOPE)
endfunction()

function(penstock_ui target)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(embed ${PROJECT_SOURCE_DIR}/tools/embed_ui)
  set(out ${PROJECT_BINARY_DIR}/ui/ui_files.cc)

  if(NOT PENSTOCK_UI)
    add_custom_command(OUTPUT ${out}
      COMMAND ${Python3_EXECUTABLE} ${embed} --empty ${out}
      DEPENDS ${embed} COMMENT "Leaving the web UI out" VERBATIM)
  else()
    penstock_find_node(node_dir)
    set(ui ${PROJECT_SOURCE_DIR}/ui)
    set(dist ${PROJECT_BINARY_DIR}/ui/dist)
    set(installed ${PROJECT_BINARY_DIR}/ui/installed.stamp)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${ui}/src/* ${ui}/public/*)
    list(FILTER sources EXCLUDE REGEX "\\.test\\.tsx?$")
    set(with_node ${CMAKE_COMMAND} -E env --modify PATH=path_list_prepend:${node_dir})

    add_custom_command(OUTPUT ${installed}
      COMMAND ${with_node} ${CMAKE_COMMAND} -D UI=${ui} -D NPM=${node_dir}/npm -P ${PROJECT_SOURCE_DIR}/cmake/ui_install.cmake
      COMMAND ${CMAKE_COMMAND} -E touch ${installed}
      DEPENDS ${ui}/package-lock.json ${ui}/package.json ${PROJECT_SOURCE_DIR}/cmake/ui_install.cmake
      COMMENT "Installing the web UI's packages" VERBATIM)
    add_custom_command(OUTPUT ${dist}/index.html
      COMMAND ${with_node} PENSTOCK_UI_DIST=${dist} node node_modules/vite/bin/vite.js build --logLevel warn
      COMMAND ${CMAKE_COMMAND} -E touch ${dist}/index.html
      DEPENDS ${installed} ${sources} ${ui}/index.html ${ui}/vite.config.ts ${ui}/licences.ts
      WORKING_DIRECTORY ${ui} COMMENT "Building the web UI" VERBATIM)
    add_custom_command(OUTPUT ${out}
      COMMAND ${Python3_EXECUTABLE} ${embed} ${dist} ${out}
      DEPENDS ${dist}/index.html ${embed} COMMENT "Embedding the web UI" VERBATIM)
  endif()

  add_test(NAME embed_ui COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/embed_ui_test.py)
  add_custom_target(penstock_ui_files DEPENDS ${out})
  target_sources(${target} PRIVATE ${out})
  add_dependencies(${target} penstock_ui_files)
endfunction()
