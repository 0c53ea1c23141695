#include "broker/app/capture.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "broker/intake/request_line.hpp"
#include "broker/observe/log.hpp"
#include "connectors/common/encoding.hpp"

namespace switchboard::app {
namespace {

char blotted(char c) noexcept {
  const auto u = static_cast<unsigned char>(c);
  if (std::isalpha(u) || u >= 0x80) return 'x';
  return std::isdigit(u) ? '0' : c;
}

// Strings after a colon or in a list are values, strings before a colon are names. Numbers become as many ones: a
// leading zero would be no JSON.
std::string redact_json(std::string_view body) {
  std::string out(body);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '"') {
      const auto from = i + 1;
      for (++i; i < out.size() && out[i] != '"'; ++i)
        if (out[i] == '\\') ++i;
      const auto end = std::min(i, out.size());
      auto next = end + 1;
      while (next < out.size() && std::isspace(static_cast<unsigned char>(out[next]))) ++next;
      if (next < out.size() && out[next] == ':') continue;
      for (auto k = from; k < end; ++k) {
        if (out[k] == '\\') {
          k += k + 1 < end && out[k + 1] == 'u' ? 5 : 1;
          continue;
        }
        out[k] = blotted(out[k]);
      }
    } else if (std::isdigit(static_cast<unsigned char>(out[i]))) {
      out[i] = '1';
    }
  }
  return out;
}

std::string redact_form(std::string_view body) {
  std::string out(body);
  bool value = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '=')
      value = true;
    else if (out[i] == '&')
      value = false;
    else if (value && out[i] == '%')
      i += 2;
    else if (value)
      out[i] = blotted(out[i]);
  }
  return out;
}

}  // namespace

const intake::tenant& sealing_tenant(const intake::source& s) {
  if (s.tenant) return *s.tenant;
  const auto first = std::ranges::min_element(s.accounts, {},
                                              [](const auto& entry) -> const std::string& { return entry.second->id; });
  return *first->second;
}

std::string redact_body(std::string_view body, std::string_view content_type) {
  if (content_type.find("json") != std::string_view::npos) return redact_json(body);
  if (content_type.starts_with("application/x-www-form-urlencoded")) return redact_form(body);
  std::string out(body);
  std::ranges::transform(out, out.begin(), blotted);
  return out;
}

std::expected<std::unique_ptr<capture>, std::string> capture::open(const std::string& file, capture_mode mode) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return std::unexpected(fmt::format("{}: {}", file, std::strerror(errno)));
  auto made = std::make_unique<capture>();
  made->file_.reset(::fdopen(fd, "a"));
  if (made->file_ == nullptr) {
    ::close(fd);
    return std::unexpected(fmt::format("{}: {}", file, std::strerror(errno)));
  }
  made->mode_ = mode;
  return made;
}

void capture::write(const intake::source& source, const connectors::inbound& in) {
  std::string line;
  if (mode_ == capture_mode::redacted) {
    auto blank = in;
    const auto body = redact_body(in.body, in.find("Content-Type").value_or(""));
    blank.body = body;
    blank.peer = "192.0.2.1";
    intake::append_request_line(line, source.id, blank, intake::redaction::without_secrets);
  } else {
    intake::append_request_line(line, source.id, in, intake::redaction::as_it_came);
  }
  if (mode_ == capture_mode::sealed)
    line = fmt::format("{{\"source\":\"{}\",\"sealed\":\"{}\"}}", source.id,
                       connectors::to_base64(intake::seal(sealing_tenant(source), line, {})));
  line += '\n';
  const std::lock_guard lock(mutex_);
  if (failed_) return;
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size() && std::fflush(file_.get()) == 0) return;
  failed_ = true;
  observe::log(observe::level::error, "capture ended: its file cannot be written", {{"reason", std::strerror(errno)}});
}

std::expected<std::optional<std::string>, std::string> open_sealed_line(
    std::string_view line, std::span<const std::shared_ptr<const intake::tenant>> tenants) {
  if (line.find("\"sealed\"") == std::string_view::npos) return std::nullopt;
  boost::system::error_code error;
  const auto parsed = boost::json::parse(line, error);
  if (error || !parsed.is_object()) return std::nullopt;
  const auto* sealed = parsed.get_object().if_contains("sealed");
  if (sealed == nullptr || !sealed->is_string()) return std::nullopt;
  const auto bytes = connectors::from_base64(std::string_view(sealed->get_string()));
  if (!bytes) return std::unexpected("the sealed line is no base64");
  for (const auto& tenant : tenants)
    if (auto plain = intake::open(*tenant, *bytes)) return std::optional(std::move(*plain));
  return std::unexpected("no tenant of the configuration can open the sealed line");
}

}  // namespace switchboard::app
