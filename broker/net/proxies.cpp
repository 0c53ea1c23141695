#include "broker/net/proxies.hpp"

#include <algorithm>
#include <optional>
#include <ranges>

#include "broker/net/message_head.hpp"

namespace switchboard::net {
namespace {

std::string_view trim(std::string_view s) noexcept {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

// Takes the last element of a comma-separated list off.
std::string_view take_last(std::string_view& list) noexcept {
  const std::size_t comma = list.rfind(',');
  const std::string_view last = comma == list.npos ? list : list.substr(comma + 1);
  list = comma == list.npos ? std::string_view() : list.substr(0, comma);
  return trim(last);
}

// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711"
std::optional<ip_address> parse_hop(std::string_view text) noexcept {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    return end == text.npos ? std::nullopt : ip_address::parse(text.substr(1, end - 1));
  }
  if (std::ranges::count(text, ':') == 1) text = text.substr(0, text.find(':'));
  return ip_address::parse(text);
}

}  // namespace

std::expected<proxy_list, std::string> proxy_list::parse(std::span<const std::string> ranges) {
  proxy_list list;
  for (const auto& text : ranges) {
    auto range = ip_range::parse(text);
    if (!range) return std::unexpected("trusted_proxies: " + range.error());
    list.ranges_.push_back(*range);
  }
  return list;
}

bool proxy_list::trusts(const ip_address& address) const noexcept {
  return std::ranges::any_of(ranges_, [&](const ip_range& range) { return range.contains(address); });
}

caller proxy_list::find_caller(const ip_address& peer, bool tls, std::string_view host,
                               std::span<const connectors::header> fields) const noexcept {
  caller result{peer, tls ? "https" : "http", host};
  if (ranges_.empty() || !trusts(peer)) return result;

  bool searching = true, proto_seen = false, host_seen = false;
  for (const auto& [name, value] : std::views::reverse(fields)) {
    if (searching && equal_ignoring_case(name, "x-forwarded-for")) {
      for (std::string_view rest = value; searching && !trim(rest).empty();) {
        const auto hop = parse_hop(take_last(rest));
        if (hop) result.peer = *hop;
        searching = hop && trusts(*hop);
      }
    } else if (!proto_seen && equal_ignoring_case(name, "x-forwarded-proto")) {
      std::string_view rest = value;
      const std::string_view scheme = take_last(rest);
      proto_seen = true;
      if (equal_ignoring_case(scheme, "https")) result.scheme = "https";
      if (equal_ignoring_case(scheme, "http")) result.scheme = "http";
    } else if (!host_seen && equal_ignoring_case(name, "x-forwarded-host")) {
      std::string_view rest = value;
      const std::string_view forwarded = take_last(rest);
      host_seen = true;
      if (is_host(forwarded)) result.host = forwarded;
    }
  }
  return result;
}

}  // namespace switchboard::net
