// A response as bytes. Pure.
#pragma once

#include <string>
#include <string_view>

#include "broker/net/http_server.hpp"

namespace switchboard::net {

struct reply_form {
  bool to_head = false;  // the request was HEAD: the length is told, the body is not sent
  bool http_1_0 = false;
  bool close = false;
  std::string_view date;        // "Date: …\r\n", or empty
  std::string_view request_id;  // of X-Request-Id
};

// Appends status line and header, the blank line included. False, with nothing appended, when the response cannot be
// written as it is: a status outside 200 to 599, 429 or 410, a control character in a header, a header that the server
// itself owns.
bool append_reply_head(std::string& out, const http_response&, const reply_form&);

bool has_body(int status) noexcept;                     // 204 and 304 have none, whatever the response holds
std::string date_header(std::chrono::sys_seconds now);  // "Date: Sun, 22 Nov 2026 06:00:00 GMT\r\n"

}  // namespace switchboard::net
