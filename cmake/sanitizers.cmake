# SWITCHBOARD_SANITIZE: a list such as "address,undefined" or "thread", set by the presets.
set(SWITCHBOARD_SANITIZE "" CACHE STRING "Sanitizers to build with, comma separated")
if(SWITCHBOARD_SANITIZE)
  add_compile_options(-fsanitize=${SWITCHBOARD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SWITCHBOARD_SANITIZE})
endif()
