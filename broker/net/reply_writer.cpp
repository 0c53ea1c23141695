#include "broker/net/reply_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "broker/net/head_scanner.hpp"
#include "broker/net/message_head.hpp"
#include "broker/net/refusal.hpp"

namespace switchboard::net {
namespace {

std::string_view reason(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

bool is_value(std::string_view text) noexcept {
  return std::ranges::none_of(text,
                              [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

bool is_owned(std::string_view name) noexcept {
  for (const std::string_view owned :
       {"content-length", "transfer-encoding", "connection", "date", "content-type", "x-request-id"})
    if (equal_ignoring_case(name, owned)) return true;
  return false;
}

bool is_writable(const http_response& response) noexcept {
  if (response.status < 200 || response.status > 599 || response.status == 429 || response.status == 410) return false;
  return is_value(response.content_type) && std::ranges::all_of(response.headers, [](const auto& header) {
           return is_token(header.first) && is_value(header.second) && !is_owned(header.first);
         });
}

void append_number(std::string& out, std::size_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  out += '"';
}

}  // namespace

bool has_body(int status) noexcept { return status != 204 && status != 304; }

bool append_reply_head(std::string& out, const http_response& response, const reply_form& form) {
  if (!is_writable(response)) return false;
  if (response.status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
  } else {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status));
    (out += ' ') += reason(response.status);
    out += "\r\n";
  }
  out += form.date;
  if (!form.request_id.empty()) ((out += "X-Request-Id: ") += form.request_id) += "\r\n";
  if (has_body(response.status)) {
    if (!response.content_type.empty()) ((out += "Content-Type: ") += response.content_type) += "\r\n";
    out += "Content-Length: ";
    append_number(out, response.streamed ? response.streamed->size() : response.body.size());
    out += "\r\n";
  }
  bool retry_after = response.status != 503;
  for (const auto& [name, value] : response.headers) {
    (((out += name) += ": ") += value) += "\r\n";
    retry_after = retry_after || equal_ignoring_case(name, "retry-after");
  }
  if (!retry_after) {
    out += "Retry-After: ";
    append_number(out, retry_after_seconds);
    out += "\r\n";
  }
  if (form.close)
    out += "Connection: close\r\n";
  else if (form.http_1_0)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
  return true;
}

std::string date_header(std::chrono::sys_seconds now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("Date: {}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n", days[static_cast<std::size_t>(parts.tm_wday)],
                     parts.tm_mday, months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                     parts.tm_min, parts.tm_sec);
}

http_response error_response(int status, std::string_view code, std::string_view message) {
  http_response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = "{\"error\":{\"code\":";
  append_json_string(response.body, code);
  response.body += ",\"message\":";
  append_json_string(response.body, message);
  response.body += "}}\n";
  return response;
}

}  // namespace switchboard::net
