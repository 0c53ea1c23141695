// A blocking HTTP/1.1 client for the commands that talk to a running broker. One request a connection; not for the
// broker itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchboard::app {

struct http_url {
  bool tls = false;
  std::string host, port, target;
};
std::expected<http_url, std::string> parse_url(std::string_view);

struct http_reply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
};

struct http_call {
  std::string method = "GET";
  http_url url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::seconds limit{30};  // all together
  bool verify_certificate = true;
  std::size_t largest_reply = 16u << 20;
};
// The error is for a person.
std::expected<http_reply, std::string> call(const http_call&);

}  // namespace switchboard::app
