#include "benchmarks/load/request_maker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "benchmarks/load/schedule.hpp"

namespace switchboard::load {
namespace {

// The host as it stands in a URL and in the field Host.
std::string authority(const app::http_url& url) {
  const auto host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  return url.port == (url.tls ? "443" : "80") ? host : host + ":" + url.port;
}

}  // namespace

request_maker::request_maker(const app::configuration& c, settings s)
    : settings_(std::move(s)), offline_(c), environment_(offline_.environment()) {}

std::expected<std::unique_ptr<request_maker>, std::string> request_maker::make(const app::configuration& c,
                                                                               settings s) {
  std::unique_ptr<request_maker> made(new request_maker(c, std::move(s)));
  const auto& o = made->settings_;
  made->source_ = made->offline_.find(o.source);
  if (made->source_ == nullptr) {
    std::string known;
    for (const auto& source : c.sources) known += (known.empty() ? "" : ", ") + source->id;
    return std::unexpected(fmt::format("the configuration has no source '{}'; it has: {}", o.source, known));
  }
  const auto samples = made->source_->connector->samples;
  const auto found =
      o.sample.empty() ? samples.begin() : std::ranges::find(samples, o.sample, &connectors::sample::name);
  if (found == samples.end())
    return std::unexpected(fmt::format("{} has no sample '{}'; switchboard connectors --json lists them",
                                       made->source_->connector->name, o.sample));
  made->sample_ = *found;
  if (!o.body_file.empty()) {
    std::ifstream file(o.body_file, std::ios::binary);
    made->body_.assign(std::istreambuf_iterator<char>(file), {});
    if (!file || made->body_.empty())
      return std::unexpected(fmt::format("{}: cannot be read, or is empty", o.body_file));
    if (made->body_.ends_with('\n')) made->body_.pop_back();
    made->sample_.name = o.body_file;
    made->sample_.body = made->body_;
  }
  made->host_ = authority(o.url);
  const auto base = made->source_->public_url.empty()
                        ? fmt::format("{}://{}", o.url.tls ? "https" : "http", made->host_)
                        : made->source_->public_url;
  made->public_url_ = base + (o.url.target == "/" ? made->source_->path : o.url.target);
  return made;
}

connectors::outbound request_maker::request(std::uint64_t number, schemas::timestamp now) const {
  const auto key = mixed(settings_.seed ^ mixed(number)) % settings_.keys;
  return source_->connector->sign(sample_, *source_->prepared, public_url_,
                                  {now, mixed(mixed(settings_.seed) + key), number});
}

void request_maker::append(std::string& wire, std::uint64_t number, schemas::timestamp now) const {
  const auto made = request(number, now);
  wire.append(made.method).append(" ").append(made.target).append(" HTTP/1.1\r\nHost: ").append(host_);
  for (const auto& [name, value] : made.headers) wire.append("\r\n").append(name).append(": ").append(value);
  wire.append("\r\nContent-Length: ").append(fmt::format_int(made.body.size()).c_str()).append("\r\n\r\n");
  wire.append(made.body);
}

bool request_maker::events(std::uint64_t number, schemas::timestamp now, const on_event& each) const {
  auto made = request(number, now);
  const auto size = made.body.size();
  made.body.append(connectors::inbound::body_padding, '\0');
  std::vector<connectors::header> headers{{"Host", host_}};
  for (const auto& [name, value] : made.headers) headers.push_back({name, value});
  const connectors::inbound in{
      made.method, made.target, public_url_, headers, std::string_view(made.body).substr(0, size), "127.0.0.1", now};
  const auto result = intake::process(*source_, in, environment_);
  if (result.outcome != intake::outcome::accepted && result.outcome != intake::outcome::quarantined) return false;
  for (const auto& message : result.unit.messages) {
    if (message.event.topic == schemas::topic_class::raw) continue;
    for (const auto& topic : message.topics) each(message.event.id, topic);
  }
  return true;
}

std::size_t request_maker::body_bytes(schemas::timestamp now) const { return request(0, now).body.size(); }

}  // namespace switchboard::load
