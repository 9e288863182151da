# How every folder of src/ becomes a library with its tests.

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(GTest REQUIRED)

add_library(penstock_flags INTERFACE)
target_compile_options(penstock_flags INTERFACE -Wall -Wextra -Wpedantic -Werror -Wno-c23-extensions -Wno-missing-designated-field-initializers
  -fno-omit-frame-pointer $<$<CONFIG:Debug>:-O1> $<$<CONFIG:Debug>:-gline-tables-only>)
target_compile_definitions(penstock_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_DISABLE_BOOST_COROUTINE FMT_DEPRECATED_OSTREAM SPDLOG_FMT_EXTERNAL)
target_include_directories(penstock_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(penstock_flags INTERFACE Threads::Threads)
target_link_options(penstock_flags INTERFACE -fuse-ld=lld)
if(PENSTOCK_SANITIZE)
  target_compile_options(penstock_flags INTERFACE -fsanitize=${PENSTOCK_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(penstock_flags INTERFACE -fsanitize=${PENSTOCK_SANITIZE})
endif()
if(PENSTOCK_FUZZ)
  target_compile_options(penstock_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# penstock_library(<module> [DEPENDS <module>...] [LINK <library>...])
# <module> is the folder's path below src/ with / as _: storage_journal. Globs the folder's *.cc; *_test.cc
# become the program <module>_test, *_bench.cc are left to bench/, *_fuzz.cc become programs of the fuzz preset.
function(penstock_library module)
  cmake_parse_arguments(arg "" "" "DEPENDS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  set(fuzzers ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_(test|bench|fuzz)|/main)\\.cc$")
  list(TRANSFORM arg_DEPENDS PREPEND penstock_)

  if(sources)
    add_library(penstock_${module} STATIC ${sources})
    target_link_libraries(penstock_${module} PUBLIC ${arg_DEPENDS} penstock_flags ${arg_LINK})
  else()
    add_library(penstock_${module} INTERFACE)
    target_link_libraries(penstock_${module} INTERFACE ${arg_DEPENDS} penstock_flags ${arg_LINK})
  endif()

  if(tests)
    add_executable(${module}_test ${tests})
    target_link_libraries(${module}_test PRIVATE penstock_${module} GTest::gtest GTest::gmock GTest::gtest_main)
    add_test(NAME ${module} COMMAND ${module}_test --gtest_brief=1)
    set_tests_properties(${module} PROPERTIES TIMEOUT 300)
  endif()
  if(PENSTOCK_FUZZ)
    foreach(fuzzer ${fuzzers})
      get_filename_component(name ${fuzzer} NAME_WE)
      add_executable(${name} ${fuzzer})
      target_link_libraries(${name} PRIVATE penstock_${module})
      target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()

# Sets <variable> to the folder where tools/third_party/fetch put <name>, fetching and building it if absent.
function(penstock_third_party name variable)
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/third_party/fetch --print ${name}
    OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "tools/third_party/fetch ${name} failed; its lines above say why")
  endif()
  set(${variable} ${prefix} PARENT_SCOPE)
endfunction()
