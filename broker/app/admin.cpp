#include "broker/app/admin.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>

#include "broker/observe/escape.hpp"
#include "broker/observe/metrics.hpp"
#include "schemas/documents.hpp"

namespace switchboard::app {
namespace {

net::http_response json(int status, std::string body) {
  net::http_response r{status, "application/json", std::move(body)};
  r.headers.emplace_back("Cache-Control", "no-store");
  return r;
}

net::http_response verdict(std::string_view good, const std::vector<finding>& findings) {
  const bool ok = std::ranges::all_of(findings, &finding::ok);
  std::string body = fmt::format("{{\"status\":\"{}\",\"checks\":[", ok ? good : "failing");
  for (const auto& f : findings) {
    if (body.back() != '[') body += ',';
    body += fmt::format("{{\"name\":\"{}\",\"ok\":{}", f.name, f.ok);
    if (!f.reason.empty()) {
      body += ",\"reason\":";
      observe::append_json(body, f.reason);
    }
    body += '}';
  }
  body += "]}\n";
  return json(ok ? 200 : 503, std::move(body));
}

std::string_view header(const net::request_head& head, std::string_view name) noexcept {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == (b >= 'A' && b <= 'Z' ? b | 0x20 : b);
  };
  for (const auto& h : head.headers)
    if (std::ranges::equal(h.name, name, same)) return h.value;
  return {};
}

bool same_secret(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && !a.empty() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

class part_of_a_file final : public net::body_source {
 public:
  part_of_a_file(std::unique_ptr<base::file> file, std::uint64_t first, std::uint64_t bytes)
      : file_(std::move(file)), first_(first), bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_; }
  bool read(std::uint64_t offset, std::span<char> out) const override {
    const auto read = file_->read_at(first_ + offset, std::as_writable_bytes(out));
    return read && *read == out.size();
  }

 private:
  const std::unique_ptr<base::file> file_;
  const std::uint64_t first_, bytes_;
};

}  // namespace

std::optional<byte_range> parse_range(std::string_view text, std::uint64_t size, bool& unsatisfiable) noexcept {
  unsatisfiable = false;
  if (!text.starts_with("bytes=") || text.find(',') != std::string_view::npos) return std::nullopt;
  text.remove_prefix(6);
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const auto before = text.substr(0, dash), after = text.substr(dash + 1);
  const auto first = number(before), last = number(after);
  if (before.empty()) {
    if (!last) return std::nullopt;
    unsatisfiable = *last == 0 || size == 0;
    if (unsatisfiable) return std::nullopt;
    return byte_range{size - std::min(*last, size), size - 1};
  }
  if (!first || (!after.empty() && !last) || (last && *last < *first)) return std::nullopt;
  unsatisfiable = *first >= size;
  if (unsatisfiable) return std::nullopt;
  return byte_range{*first, last ? std::min(*last, size - 1) : size - 1};
}

admin::admin(const overview& o, blobs::store& blobs) : overview_(o), blobs_(blobs) {}

void admin::set_tokens(blob_tokens tokens) {
  const std::lock_guard lock(mutex_);
  tokens_ = std::move(tokens);
}

net::admit_result admin::admit(const net::request_head& head) {
  if (head.method == "GET" || head.method == "HEAD") return net::admission{0, nullptr};
  auto response = net::error_response(405, "method_not_allowed", "the admin listener is for reading");
  response.headers.emplace_back("Allow", "GET, HEAD");
  return std::unexpected(std::move(response));
}

void admin::handle(std::unique_ptr<net::responder> responder) {
  auto response = answer(responder->request().head);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  responder->send(std::move(response));
}

net::http_response admin::answer(const net::request_head& head) const {
  const auto path = head.target.substr(0, head.target.find('?'));
  if (path == "/healthz") return verdict("ok", overview_.health());
  if (path == "/readyz") return verdict("ready", overview_.readiness());
  if (path == "/metrics") return {200, std::string(observe::metrics_content_type), overview_.metrics()};
  if (path == "/status") return json(200, overview_.status());
  if (path.starts_with("/schemas/")) return schema(path.substr(9));
  if (path.starts_with("/blobs/")) return blob(path.substr(7), head);
  return net::error_response(
      404, "unknown_path",
      "known are /healthz, /readyz, /metrics, /status, /schemas/{name} and /blobs/{tenant}/{day}/{sha256}");
}

net::http_response admin::schema(std::string_view name) {
  const auto* document = schemas::find_document(name);
  if (document == nullptr) return net::error_response(404, "unknown_schema", "there is no schema of that name");
  net::http_response r{200, "application/schema+json", std::string(document->text)};
  r.headers.emplace_back("Cache-Control", "public, max-age=3600");
  return r;
}

bool admin::may_read(std::string_view tenant, const net::request_head& head) const {
  constexpr std::string_view scheme = "Bearer ";
  auto presented = header(head, "Authorization");
  if (!presented.starts_with(scheme)) return false;
  presented.remove_prefix(scheme.size());
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(tokens_,
                             [&](const auto& t) { return t.first == tenant && same_secret(t.second, presented); });
}

net::http_response admin::blob(std::string_view name, const net::request_head& head) const {
  // One answer for a wrong token and an unknown tenant: who may not read learns nothing.
  if (!may_read(name.substr(0, name.find('/')), head)) {
    auto r = net::error_response(401, "unauthorized", "a bearer token of this tenant is needed");
    r.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"blobs\"");
    return r;
  }
  const auto reference = blobs::parse(name);
  if (!reference) return net::error_response(404, "unknown_blob", "the path is /blobs/{tenant}/{day}/{sha256}");
  auto stored = blobs_.open(*reference);
  if (!stored) return net::error_response(404, "unknown_blob", "there is no such attachment, or it has expired");

  bool unsatisfiable = false;
  const auto wanted = parse_range(header(head, "Range"), stored->size, unsatisfiable);
  if (unsatisfiable) {
    auto r = net::error_response(416, "range_not_satisfiable", "the attachment is shorter");
    r.headers.emplace_back("Content-Range", fmt::format("bytes */{}", stored->size));
    return r;
  }
  const std::uint64_t first = wanted ? wanted->first : 0;
  const std::uint64_t bytes = wanted ? wanted->last - wanted->first + 1 : stored->size;
  net::http_response r{wanted ? 206 : 200, "application/octet-stream", ""};
  r.streamed = std::make_shared<part_of_a_file>(std::move(stored->file), first, bytes);
  if (wanted)
    r.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", wanted->first, wanted->last, stored->size));
  r.headers.emplace_back("Accept-Ranges", "bytes");
  r.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}\"", reference->sha256));
  r.headers.emplace_back("Content-Security-Policy", "sandbox; default-src 'none'");
  r.headers.emplace_back("Cache-Control", "private, max-age=86400, immutable");
  r.headers.emplace_back("ETag", fmt::format("\"{}\"", reference->sha256));
  return r;
}

}  // namespace switchboard::app
