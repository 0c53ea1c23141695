#include "broker/app/kafka_address.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "broker/app/http_client.hpp"

namespace switchboard::app {
namespace {

std::string default_admin_url(const configuration& c) {
  auto host = c.admin.address == "0.0.0.0" ? "127.0.0.1" : c.admin.address == "::" ? "::1" : c.admin.address;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return fmt::format("http://{}:{}", host, c.admin.port);
}

}  // namespace

std::expected<std::vector<std::pair<std::string, std::string>>, std::string> kafka_properties(
    const configuration& c, const std::string& admin_url) {
  if (!c.publish.embedded) return c.publish.properties;
  const auto base = admin_url.empty() ? default_admin_url(c) : admin_url;
  auto url = parse_url(base);
  if (!url) return std::unexpected(fmt::format("{}: {}", base, url.error()));
  url->target = "/status";
  http_call request;
  request.url = *url;
  request.limit = std::chrono::seconds{10};
  const auto reply = call(request);
  if (!reply)
    return std::unexpected(
        fmt::format("{}/status: {}; the embedded broker lives in the running process: switchboard serve --config FILE",
                    base, reply.error()));
  boost::system::error_code error;
  const auto status = boost::json::parse(reply->body, error);
  if (!error && status.is_object())
    if (const auto* kafka = status.get_object().if_contains("kafka"); kafka != nullptr && kafka->is_object())
      if (const auto* bootstrap = kafka->get_object().if_contains("bootstrap");
          bootstrap != nullptr && bootstrap->is_string()) {
        auto properties = c.publish.properties;
        properties.emplace_back("bootstrap.servers", std::string_view(bootstrap->get_string()));
        return properties;
      }
  return std::unexpected(fmt::format("{}/status names no embedded broker", base));
}

}  // namespace switchboard::app
