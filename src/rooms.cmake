# A room is one static library: the door is include/sportello/<name>/, private headers stay in src/<name>/.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS program_options url)
find_package(OpenSSL REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-uc icu-i18n)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
set_property(TARGET PkgConfig::RE2 PROPERTY INTERFACE_COMPILE_OPTIONS "") # its -pthread would not fit the precompiled headers

add_library(sportello_warnings INTERFACE)
add_library(sportello::warnings ALIAS sportello_warnings)
# Errors with the compiler that we develop with; another one may know warnings that nobody here has seen, and only shows them.
target_compile_options(sportello_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       $<$<AND:$<BOOL:${SPORTELLO_WERROR}>,$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # False alarms of GCC 12 and 14 inside optimized coroutines and libstdc++ strings (GCC PR105329, PR105562).
    target_compile_options(sportello_warnings INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-stringop-overread
                           -Wno-array-bounds -Wno-dangling-reference -Wno-mismatched-new-delete)
    # Where several files are compiled as one, "another file" is no longer visible to these two; the debug preset has them.
    target_compile_options(sportello_warnings INTERFACE $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-subobject-linkage;-Wno-shadow>)
    # The compiler may keep half a gigabyte before it collects garbage: a tenth of its time.
    target_compile_options(sportello_warnings INTERFACE $<$<CONFIG:Release>:--param=ggc-min-heapsize=524288>)
endif()

# Asio and Beast are compiled once (in base and http), not in every file that includes them.
add_library(sportello_platform INTERFACE)
target_compile_definitions(sportello_platform INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                           BOOST_ASIO_NO_DEPRECATED _GLIBCXX_ASSERTIONS)
target_link_libraries(sportello_platform INTERFACE Boost::headers Threads::Threads)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(sportello_platform INTERFACE -fpch-preprocess) # lets ccache see through precompiled headers
endif()
if(SPORTELLO_SANITIZE)
    target_compile_options(sportello_platform INTERFACE -fsanitize=${SPORTELLO_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(sportello_platform INTERFACE -fsanitize=${SPORTELLO_SANITIZE})
endif()

# The headers that most files include and that take seconds to parse, precompiled once and shared by all rooms.
file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "")
add_library(sportello_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
target_link_libraries(sportello_precompiled PRIVATE sportello_platform sportello::warnings) # -Wpedantic changes macros
target_precompile_headers(sportello_precompiled PRIVATE
    <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/detached.hpp>
    <boost/asio/use_awaitable.hpp> <boost/system/result.hpp> <nlohmann/json.hpp> <algorithm> <chrono> <filesystem>
    <functional> <map> <memory> <optional> <span> <string> <string_view> <utility> <variant> <vector>)

function(sportello_room name)
    cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;USES;LIBS;PRIVATE_LIBS")
    add_library(sportello_${name} STATIC ${room_SOURCES})
    add_library(sportello::${name} ALIAS sportello_${name})
    target_include_directories(sportello_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include
                               PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    list(TRANSFORM room_USES PREPEND sportello::)
    target_link_libraries(sportello_${name} PUBLIC sportello_platform ${room_USES} ${room_LIBS}
                          PRIVATE sportello::warnings ${room_PRIVATE_LIBS})
    target_precompile_headers(sportello_${name} REUSE_FROM sportello_precompiled)
endfunction()
