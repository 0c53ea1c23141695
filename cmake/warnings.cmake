# One interface target carries the warnings; switchboard_library() links it privately, so no header of ours warns in others' code.
add_library(switchboard_warnings INTERFACE)
target_compile_options(switchboard_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wnull-dereference -Wimplicit-fallthrough -Wno-missing-field-initializers
  $<$<BOOL:${SWITCHBOARD_WARNINGS_AS_ERRORS}>:-Werror>)
