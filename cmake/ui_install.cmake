# cmake -D UI=<ui folder> -D NPM=<npm> -P ui_install.cmake
# Installs the UI's packages as package-lock.json says, once for all build folders of a checkout: node_modules
# remembers the lock it was made from, and a file lock keeps two builds from installing at the same time.

file(LOCK ${UI}/.install.lock GUARD PROCESS TIMEOUT 600)
file(SHA256 ${UI}/package-lock.json wanted)
set(stamp ${UI}/node_modules/.installed_from)
if(EXISTS ${stamp})
  file(READ ${stamp} installed)
  if(installed STREQUAL wanted)
    return()
  endif()
endif()
message(STATUS "Installing the UI's packages (npm ci)")
execute_process(COMMAND ${NPM} ci --prefer-offline --no-audit --no-fund --loglevel=error
  WORKING_DIRECTORY ${UI} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "npm ci failed in ${UI}; its lines above say why")
endif()
file(WRITE ${stamp} ${wanted})
