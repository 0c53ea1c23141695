#include "connectors/common/url.hpp"

#include <algorithm>

namespace switchboard::connectors {

namespace {

// Where the authority of an absolute URL begins and ends; both the size when there is none.
struct range {
  std::size_t begin, end;
};
range authority_of(std::string_view url) noexcept {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {url.size(), url.size()};
  return {scheme + 3, std::min(url.find_first_of("/?#", scheme + 3), url.size())};
}

}  // namespace

std::string_view query_of(std::string_view target) noexcept {
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

std::string_view without_query(std::string_view target) noexcept {
  return target.substr(0, target.find_first_of("?#"));
}

std::string_view target_of(std::string_view url) noexcept {
  const std::string_view rest = url.substr(authority_of(url).end);
  return rest.empty() ? std::string_view{"/"} : rest;
}

port_variants with_and_without_port(std::string_view url) {
  const auto [begin, end] = authority_of(url);
  const std::string_view authority = url.substr(begin, end - begin);
  const std::size_t bracket = authority.rfind(']'), at = authority.rfind('@');
  const std::size_t from = bracket != std::string_view::npos ? bracket : at != std::string_view::npos ? at : 0;
  const std::size_t colon = authority.find(':', from);
  port_variants out;
  if (colon != std::string_view::npos && colon + 1 < authority.size()) {
    out.with_port = url;
    out.without_port = std::string(url.substr(0, begin + colon)) + std::string(url.substr(end));
  } else {
    const std::string_view port = url.starts_with("https:") ? ":443" : ":80";
    out.without_port = url;
    out.with_port = std::string(url.substr(0, end)) + std::string(port) + std::string(url.substr(end));
  }
  return out;
}

}  // namespace switchboard::connectors
