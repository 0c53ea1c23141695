// URLs as signatures cover them: cut, never rewritten, so that every byte stays as the provider called it. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace switchboard::connectors {

// What follows the first '?' of a request target or URL, without a fragment; empty without one.
std::string_view query_of(std::string_view target) noexcept;
std::string_view without_query(std::string_view target) noexcept;
// The path and query of an absolute URL: "/in/x?y" of "https://host/in/x?y".
std::string_view target_of(std::string_view url) noexcept;

struct port_variants {
  std::string without_port, with_port;  // with_port: the one written, else the scheme's default
};
port_variants with_and_without_port(std::string_view url);

}  // namespace switchboard::connectors
