# Building blocks of the tree. A library's LINKS are the layers it may see; cmake/check_layers.py holds the includes to the same.

# Standard headers that almost every file needs, compiled once.
add_library(switchboard_pch OBJECT ${CMAKE_CURRENT_LIST_DIR}/pch.cpp)
target_precompile_headers(switchboard_pch PRIVATE <algorithm> <array> <chrono> <cstdint> <cstring> <expected> <functional> <memory>
  <optional> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>)
# The compiled header holds the path of its tree, which says nothing about its content: ccache compares this sum in its stead.
file(SHA256 ${CMAKE_CURRENT_LIST_FILE} switchboard_pch_sum)
file(GLOB switchboard_pch_library /usr/include/c++/*/version /usr/include/*/c++/*/bits/c++config.h)
foreach(header IN LISTS switchboard_pch_library)
  file(SHA256 ${header} sum)
  string(APPEND switchboard_pch_sum " ${sum}")
endforeach()
file(WRITE ${CMAKE_BINARY_DIR}/CMakeFiles/switchboard_pch.dir/cmake_pch.hxx.pch.sum "${CMAKE_CXX_COMPILER_VERSION} ${switchboard_pch_sum}\n")

# switchboard_library(NAME name SOURCES … LINKS … [PRIVATE_LINKS …]): a static library, alias switchboard::name.
function(switchboard_library)
  cmake_parse_arguments(arg "NO_PCH" "NAME" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(switchboard_${arg_NAME} STATIC ${arg_SOURCES})
  add_library(switchboard::${arg_NAME} ALIAS switchboard_${arg_NAME})
  target_include_directories(switchboard_${arg_NAME} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(switchboard_${arg_NAME} PUBLIC ${arg_LINKS} PRIVATE switchboard_warnings ${arg_PRIVATE_LINKS})
  if(NOT arg_NO_PCH)
    target_precompile_headers(switchboard_${arg_NAME} REUSE_FROM switchboard_pch)
  endif()
endfunction()

# Makes the threads of librdkafka known to ThreadSanitizer, in a build for it.
function(switchboard_show_threads target)
  if(SWITCHBOARD_SANITIZE MATCHES "thread")
    target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/c11_threads.cpp)
  endif()
endfunction()

# switchboard_test(NAME name SOURCES … LINKS … [LABELS …] [TIMEOUT seconds]): a GoogleTest program run by ctest as one test.
# A label "tsan" also makes it part of the target tests_tsan.
add_custom_target(tests_tsan)
function(switchboard_test)
  cmake_parse_arguments(arg "" "NAME;TIMEOUT" "SOURCES;LINKS;LABELS" ${ARGN})
  string(REPLACE "." "_" target test_${arg_NAME})
  string(REPLACE "-" "_" target ${target})
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ${arg_LINKS} switchboard_warnings GTest::gmock GTest::gtest_main)
  # As the precompiled header was compiled: an executable would get -fPIE, which clang refuses to mix with it.
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC)
  target_precompile_headers(${target} REUSE_FROM switchboard_pch)
  target_compile_definitions(${target} PRIVATE SWITCHBOARD_SOURCE_DIR="${CMAKE_SOURCE_DIR}" SWITCHBOARD_BINARY_DIR="${CMAKE_BINARY_DIR}")
  switchboard_show_threads(${target})
  add_test(NAME ${arg_NAME} COMMAND ${target})
  if("tsan" IN_LIST arg_LABELS)
    add_dependencies(tests_tsan ${target})
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${arg_NAME} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "unit;${arg_LABELS}")
endfunction()

# switchboard_fuzz(NAME name SOURCES … LINKS … CORPUS directory): a libFuzzer target (LLVMFuzzerTestOneInput). Without
# SWITCHBOARD_BUILD_FUZZERS the same code is linked with a main that replays every file of the corpus, as a ctest test.
# The target `fuzzers` builds all of them.
add_custom_target(fuzzers)
function(switchboard_fuzz)
  cmake_parse_arguments(arg "" "NAME;CORPUS" "SOURCES;LINKS" ${ARGN})
  string(REGEX REPLACE "[.-]" "_" target fuzz_${arg_NAME})
  cmake_path(ABSOLUTE_PATH arg_CORPUS BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
  add_executable(${target} ${arg_SOURCES})
  add_dependencies(fuzzers ${target})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ${arg_LINKS} switchboard_warnings)
  if(SWITCHBOARD_BUILD_FUZZERS)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${arg_NAME} COMMAND ${target} -runs=0 ${arg_CORPUS})
    file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/fuzzers/${target} CONTENT "$<TARGET_FILE:${target}> ${arg_CORPUS}\n")  # for tests/soak
  else()
    target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/fuzz_replay.cpp)
    add_test(NAME fuzz.${arg_NAME} COMMAND ${target} ${arg_CORPUS})
  endif()
  set_tests_properties(fuzz.${arg_NAME} PROPERTIES TIMEOUT 300 LABELS "fuzz")
endfunction()

# switchboard_connector(channel/provider): the connector in that folder as a library: its sources, and the files of its
# samples/ embedded as the array `samples` (connectors/contract.hpp), and example.yaml as `example`. A sample's first line is its method and content
# type, the second describes it, the third is empty; the rest is the body.
function(switchboard_connector folder)
  string(REGEX REPLACE "[/-]" "_" name ${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  file(GLOB samples CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/samples/*)
  if(NOT samples)
    message(FATAL_ERROR "connectors/${folder} has no samples/: `switchboard send` would have nothing to send")
  endif()

  set(code "#include \"connectors/contract.hpp\"\n\nnamespace {\n\nconstexpr switchboard::connectors::sample samples[] = {\n")
  foreach(file IN LISTS samples)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} content)
    if(NOT content MATCHES "^([A-Z]+) ([^\n]+)\n([^\n]+)\n\n")
      message(FATAL_ERROR "${file}: begin with 'METHOD content-type', a line that describes it and an empty line")
    endif()
    set(method "${CMAKE_MATCH_1}")
    set(type "${CMAKE_MATCH_2}")
    set(description "${CMAKE_MATCH_3}")
    string(LENGTH "${CMAKE_MATCH_0}" start)
    string(SUBSTRING "${content}" ${start} -1 body)
    string(REGEX REPLACE "\n$" "" body "${body}")
    cmake_path(GET file STEM sample)
    string(APPEND code "    {\"${sample}\", R\"~(${description})~\", \"${method}\", \"${type}\",\n     R\"~(${body})~\"},\n")
  endforeach()
  string(APPEND code "};\n\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/example.yaml)
  file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/example.yaml example)
  string(APPEND code "constexpr std::string_view example = R\"~(${example})~\";\n\n}  // namespace\n")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/samples/${name}.hpp CONTENT "@code@" @ONLY)

  switchboard_library(NAME connector_${name} SOURCES ${sources} LINKS switchboard::connector_common)
  target_compile_definitions(switchboard_connector_${name}
    PRIVATE SWITCHBOARD_CONNECTOR_SAMPLES="${CMAKE_BINARY_DIR}/generated/samples/${name}.hpp")
  set_property(GLOBAL APPEND PROPERTY SWITCHBOARD_CONNECTORS switchboard::connector_${name})
endfunction()
