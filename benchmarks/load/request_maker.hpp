// Requests of one source, each made from its number alone: signed by the connector as a provider would, on the wire as
// bytes, and told apart as the events that the broker makes of them. Nothing is kept of what was sent but its number
// and time, since the same number and time make the same request again. Immutable after make(); any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "broker/app/configuration.hpp"
#include "broker/app/http_client.hpp"
#include "broker/app/offline.hpp"

namespace switchboard::load {

class request_maker {
 public:
  struct settings {
    std::string source;
    std::string sample;     // empty: the connector's first
    std::string body_file;  // a template instead of a sample
    app::http_url url;      // target "/": the source's own path
    std::uint32_t keys = 1;
    std::uint64_t seed = 0;
  };
  // The error is for a person. The configuration must outlive it.
  static std::expected<std::unique_ptr<request_maker>, std::string> make(const app::configuration&, settings);

  // Appends head and body of request `number`, as it is at `now`.
  void append(std::string& wire, std::uint64_t number, schemas::timestamp now) const;
  // Each event of that request and the topics where it belongs (logical names), raw copies aside. False when the
  // broker would not take the request as one of this source.
  using on_event = std::function<void(const schemas::uuid&, const std::string& topic)>;
  bool events(std::uint64_t number, schemas::timestamp now, const on_event&) const;

  std::string_view connector() const noexcept { return source_->connector->name; }
  std::string_view sample() const noexcept { return sample_.name; }
  std::size_t body_bytes(schemas::timestamp now) const;  // of one of them

 private:
  request_maker(const app::configuration&, settings);
  connectors::outbound request(std::uint64_t number, schemas::timestamp now) const;

  settings settings_;
  app::offline offline_;
  intake::environment environment_;
  const intake::source* source_ = nullptr;
  std::string body_;  // of the file
  connectors::sample sample_;
  std::string host_, public_url_;
};

}  // namespace switchboard::load
