#include "broker/app/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

#include "broker/app/options.hpp"
#include "broker/app/source_binding.hpp"
#include "broker/net/address.hpp"
#include "broker/publish/properties.hpp"

namespace switchboard::app {
namespace {

using config::view;

std::chrono::seconds seconds_of(std::chrono::milliseconds ms) { return std::chrono::ceil<std::chrono::seconds>(ms); }

void check_address(const view& section, config::report& out) {
  if (!net::ip_address::parse(section.text("address")))
    out.error(section.at("address"), fmt::format("'{}' is no IP address", section.text("address")),
              "write 127.0.0.1, 0.0.0.0 or ::");
}

bool readable(const view& section, std::string_view name, config::report& out) {
  const auto* written = section.raw(name);
  if (written == nullptr) return true;
  return !written->unresolved && config::read_file(written->text, 1u << 20, out, written->at).has_value();
}

// Read whole here, so that what is wrong with a certificate is said with everything else, and a reload has it ready.
net::tls_context bind_tls(const view& tls, net::http_settings::tls& files, config::report& out) {
  constexpr std::array names{"certificate", "key", "client_ca", "client_crl"};
  files = {tls.text("certificate"), tls.text("key"), tls.text("client_ca"), tls.text("client_crl"),
           tls.boolean("require_client")};
  bool complete = !files.certificate_file.empty() && !files.key_file.empty();
  for (const auto* name : names) complete = readable(tls, name, out) && complete;
  if ((files.require_client || !files.client_crl_file.empty()) && files.client_ca_file.empty()) {
    out.error(tls.at(files.require_client ? "require_client" : "client_crl"), "clients cannot be checked",
              "name the authorities under tls.client_ca");
    complete = false;
  }
  if (!complete) return nullptr;
  auto loaded = net::load_tls(files);
  if (loaded) return std::move(*loaded);
  const auto which = loaded.error().file;
  out.error(tls.at(names[static_cast<std::size_t>(which)]), std::move(loaded.error().message),
            which == net::tls_file::key ? "give the key of this certificate, as PEM without a passphrase"
                                        : "give a PEM file");
  return nullptr;
}

net::http_settings bind_listen(const view& root, net::tls_context& tls, config::report& out) {
  const auto listen = root.sub("listen");
  net::http_settings s;
  s.address = listen.text("address");
  s.port = static_cast<std::uint16_t>(listen.integer("port"));
  s.threads = static_cast<int>(listen.integer("threads"));
  s.trusted_proxies = listen.strings("trusted_proxies");
  check_address(listen, out);
  for (const auto& network : s.trusted_proxies)
    if (auto range = net::ip_range::parse(network); !range)
      out.error(listen.at("trusted_proxies"), fmt::format("'{}' is no network", network),
                "write CIDR, such as 10.0.0.0/8 or ::1/128");
  const auto l = listen.sub("limits");
  s.limits.header_bytes = static_cast<std::size_t>(l.size("header_bytes"));
  s.limits.headers = static_cast<std::size_t>(l.integer("headers"));
  s.limits.target_bytes = static_cast<std::size_t>(l.size("target_bytes"));
  s.limits.connections = static_cast<std::size_t>(l.integer("connections"));
  s.limits.connections_per_address = static_cast<std::size_t>(l.integer("connections_per_address"));
  s.limits.bytes_in_flight = static_cast<std::size_t>(l.size("bytes_in_flight"));
  s.limits.tls_handshake = seconds_of(l.duration("tls_handshake"));
  s.limits.header = seconds_of(l.duration("header"));
  s.limits.body = seconds_of(l.duration("body"));
  s.limits.idle = seconds_of(l.duration("idle"));
  s.limits.reply = seconds_of(l.duration("reply"));
  if (root.has("tls")) {
    net::http_settings::tls files;
    tls = bind_tls(root.sub("tls"), files, out);
    s.tls_files = std::move(files);
  }
  return s;
}

std::string size_text(std::uint64_t bytes) {
  for (const auto& [unit, name] : {std::pair{1u << 20, "MiB"}, {1u << 10, "KiB"}})
    if (bytes % unit == 0) return fmt::format("{}{}", bytes / unit, name);
  return fmt::to_string(bytes);
}

bool topic_name(std::string_view name) {
  return !name.empty() && name.size() <= 249 && name != "." && name != ".." && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

void bind_topics(const view& kafka, publish::settings& s, config::report& out) {
  for (const auto& [logical, name] : default_topics) s.topics.push_back({std::string(logical), std::string(name)});
  const auto* written = kafka.raw("topics");
  if (written == nullptr) return;
  for (const auto& member : written->members) {
    if (!topic_name(member.value.text))
      out.error(member.value.at, fmt::format("'{}' is no name of a topic", member.value.text),
                "use letters, digits, '.', '_' and '-', at most 249");
    const auto found = std::ranges::find(s.topics, member.key, &publish::topic::logical);
    if (found != s.topics.end())
      found->kafka = member.value.text;
    else
      s.topics.push_back({member.key, member.value.text});
  }
  std::set<std::string_view> names;
  for (const auto& topic : s.topics)
    if (!names.insert(topic.kafka).second)
      out.error(written->at, fmt::format("the topic '{}' stands for two logical names", topic.kafka),
                "give each a topic of its own");
}

void bind_properties(const view& kafka, config::place whole, bool without_secrets, publish::settings& s,
                     config::report& out) {
  std::map<std::string, config::place> places;
  for (const auto* member : kafka.others()) {
    if (member->value.type != config::node::kind::scalar) {
      out.error(member->value.at,
                fmt::format("'{}' is {}, expected text", member->key, config::to_string(member->value.type)),
                "write name: value");
      continue;
    }
    if (member->value.text.empty()) {
      out.error(member->value.at, fmt::format("'{}' is empty", member->key), "give it a value or leave it out");
      continue;
    }
    places.emplace(member->key, member->at);
    if (!member->value.unresolved || member->key == "bootstrap.servers")
      s.properties.emplace_back(member->key, member->value.text);
  }
  if (without_secrets || whole.line == 0) return;  // a missing section has been reported
  for (auto& problem : publish::check_properties(s.properties, s.delivery, s.embedded)) {
    const auto found = places.find(problem.name);
    auto message =
        problem.name.empty() ? std::move(problem.message) : fmt::format("'{}' {}", problem.name, problem.message);
    out.error(found == places.end() ? whole : found->second, std::move(message), std::move(problem.hint));
  }
}

publish::settings bind_kafka(const view& root, bool without_secrets, journal::settings& journal, topic_shape& shape,
                             config::report& out) {
  const auto kafka = root.sub("kafka");
  publish::settings s;
  s.embedded = kafka.boolean("embedded");
  s.delivery =
      kafka.text("delivery") == "exactly_once" ? publish::delivery::exactly_once : publish::delivery::idempotent;
  s.content = kafka.text("content") == "structured" ? publish::content_mode::structured : publish::content_mode::binary;
  const auto mode = kafka.text("acknowledge");
  journal.mode = mode == "kafka"  ? journal::acknowledge::kafka
                 : mode == "both" ? journal::acknowledge::both
                                  : journal::acknowledge::disk;
  s.transaction_timeout = kafka.duration("transaction_timeout");
  s.commit_interval = kafka.duration("commit_interval");
  s.heartbeat = seconds_of(kafka.duration("heartbeat"));
  shape = {static_cast<int>(kafka.integer("partitions")), static_cast<int>(kafka.integer("replication_factor")),
           static_cast<int>(kafka.integer("min_insync_replicas")), kafka.duration("retention")};
  bind_topics(kafka, s, out);
  bind_properties(kafka, root.has("kafka") ? root.at("kafka") : config::place{}, without_secrets, s, out);
  if (!s.embedded && shape.replication_factor < 3)
    out.warn(kafka.at("replication_factor"),
             fmt::format("a replication factor of {} can lose acknowledged records with one broker",
                         shape.replication_factor),
             "use 3 and min_insync_replicas 2");
  if (shape.min_insync_replicas > shape.replication_factor)
    out.error(
        kafka.at("min_insync_replicas"),
        fmt::format("min_insync_replicas ({}) is more than replication_factor ({}): nothing could ever be written",
                    shape.min_insync_replicas, shape.replication_factor),
        fmt::format("set kafka.min_insync_replicas to {} or less", shape.replication_factor));
  return s;
}

tenant_list bind_tenants(const view& root, bool without_secrets, config::report& out) {
  tenant_list tenants;
  std::map<std::string, int> lines;
  for (const auto& entry : root.subs("tenants")) {
    const auto id = entry.text("id"), secret = entry.text("secret");
    if (id.empty()) continue;
    const bool plain = id.size() <= 64 && std::ranges::all_of(id, [](char c) {
                         return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
                       });
    if (!plain)
      out.error(entry.at("id"), "this is no name of a tenant", "use letters, digits, '-' and '_', at most 64");
    const auto [earlier, fresh] = lines.emplace(id, entry.at("id").line);
    if (!fresh)
      out.error(entry.at("id"), fmt::format("the tenant '{}' stands here twice", id),
                fmt::format("the first is in line {}", earlier->second));
    if (!without_secrets && !secret.empty() && secret.size() < 16)
      out.error(entry.at("secret"), "the secret is shorter than 16 characters", "make one with: openssl rand -hex 32");
    tenants.push_back(std::make_shared<const intake::tenant>(intake::derive_tenant(id, secret)));
  }
  if (root.has("tenants") && tenants.empty())
    out.error(root.at("tenants"), "no tenant is configured", "add one with id and secret");
  return tenants;
}

// A segment has to hold whatever one request may become.
void check_segments(const view& root, const configuration& c, config::report& out) {
  constexpr std::uint64_t MiB = 1u << 20;
  const intake::source* largest = nullptr;
  for (const auto& s : c.sources)
    if (largest == nullptr || intake::largest_unit(s->limits) > intake::largest_unit(largest->limits))
      largest = s.get();
  if (largest == nullptr) return;
  const auto needed = (intake::largest_unit(largest->limits) + MiB - 1) / MiB;
  if (c.journal.segment_bytes >= needed * MiB) return;
  const auto journal = root.sub("journal");
  auto at = journal.at("segment_size");
  if (!journal.has("segment_size"))
    for (const auto& entry : root.subs("sources"))
      if (entry.text("id") == largest->id) at = entry.at(entry.has("limits") ? "limits" : "id");
  out.error(at,
            fmt::format("a request of the source '{}' may need {}MiB, more than a segment of the journal holds",
                        largest->id, needed),
            fmt::format("write journal.segment_size: {}MiB, or make limits.body_bytes ({}) and limits.items ({}) of "
                        "the source smaller",
                        needed, size_text(largest->limits.body_bytes), largest->limits.items));
}

configuration bind(const view& root, const load_settings& settings, config::report& out) {
  configuration c;
  c.intake = bind_listen(root, c.tls, out);

  const auto admin = root.sub("admin");
  check_address(admin, out);
  c.admin.address = admin.text("address");
  c.admin.port = static_cast<std::uint16_t>(admin.integer("port"));
  c.admin.limits.connections = 256;
  c.admin.limits.connections_per_address = 128;
  c.blob_tokens = admin.map("blob_tokens");
  if (c.admin.port != 0 && c.admin.port == c.intake.port && c.admin.address == c.intake.address)
    out.error(admin.at("port"), "the admin listener has the address and port of 'listen'", "give it another port");

  const auto journal = root.sub("journal");
  c.journal.directory = journal.text("directory");
  c.journal.max_bytes = static_cast<std::uint64_t>(journal.size("max_size"));
  c.journal.segment_bytes = static_cast<std::uint64_t>(journal.size("segment_size"));
  c.journal.queue_bytes = static_cast<std::size_t>(journal.size("queue_size"));
  c.journal.commit_interval = journal.duration("commit_interval");
  c.journal.dedupe_window = std::chrono::duration_cast<std::chrono::hours>(journal.duration("dedupe_window"));
  c.journal.longest_stop = std::chrono::duration_cast<std::chrono::hours>(journal.duration("longest_stop"));
  c.journal.dedupe_memory = static_cast<std::size_t>(journal.size("dedupe_memory"));
  c.journal.sequence_scopes = static_cast<std::size_t>(journal.integer("sequence_scopes"));
  c.journal.sequence_age = std::chrono::duration_cast<std::chrono::hours>(journal.duration("sequence_age"));
  c.journal.reserved_share = journal.number("reserved_share");
  if (c.journal.max_bytes < 4 * c.journal.segment_bytes)
    out.error(journal.at("max_size"), "'max_size' holds fewer than four segments",
              "make it larger, or segment_size smaller");

  const auto blobs = root.sub("blobs");
  c.blobs.directory = blobs.has("directory") ? blobs.text("directory")
                                             : (std::filesystem::path(c.journal.directory) / "blobs").string();
  c.blobs.retention_days = static_cast<int>(blobs.duration("retention").count() / 86'400'000);

  c.publish = bind_kafka(root, settings.without_secrets, c.journal, c.topics, out);
  c.publish.checkpoint_directory = c.journal.directory;
  c.tenants = bind_tenants(root, settings.without_secrets, out);
  for (std::size_t i = 0; i < c.blob_tokens.size(); ++i)
    if (std::ranges::none_of(c.tenants, [&](const auto& t) { return t->id == c.blob_tokens[i].first; }))
      out.error(admin.at("blob_tokens"), fmt::format("the tenant '{}' is not configured", c.blob_tokens[i].first),
                "add it under tenants");

  std::vector<std::string> topics;
  for (const auto& topic : c.publish.topics) topics.push_back(topic.logical);
  c.sources = bind_sources(root, c.tenants, topics, settings.without_secrets, out);
  check_segments(root, c, out);

  c.fetch_hosts = root.strings("fetch_hosts");
  c.dataschema_base = root.text("dataschema");
  const auto log = root.sub("log");
  c.log = log.text("format") == "json" ? observe::log_format::json : observe::log_format::logfmt;
  c.log_all_requests = log.text("requests") == "all";
  const auto level = log.text("level");
  c.log_level = level == "debug"     ? observe::level::debug
                : level == "warning" ? observe::level::warning
                : level == "error"   ? observe::level::error
                                     : observe::level::info;
  c.drain = seconds_of(root.duration("drain"));

  if (std::chrono::days{c.blobs.retention_days} < c.topics.retention)
    out.warn(blobs.at("retention"), "attachments expire before the records that refer to them",
             "make blobs.retention at least kafka.retention");
  return c;
}

// What a section says, as a number: equal text, equal digest. `but` is left out.
std::size_t digest(const config::node& n, std::string_view but = {}) {
  std::size_t value = std::hash<std::string>{}(n.text) ^ (static_cast<std::size_t>(n.type) + 1) * 0x9e3779b97f4a7c15u;
  const auto mix = [&](std::size_t more) { value = (value ^ more) * 0x100000001b3u + 0x9e3779b97f4a7c15u; };
  for (const auto& item : n.items) mix(digest(item));
  for (const auto& member : n.members)
    if (member.key != but) {
      mix(std::hash<std::string>{}(member.key));
      mix(digest(member.value));
    }
  return value;
}

}  // namespace

load_result parse(std::string_view text, const std::string& name, const load_settings& settings) {
  config::report out(name);
  config::read_settings reading;
  reading.environment = settings.environment;
  reading.secrets_required = !settings.without_secrets;
  const auto root = config::read(text, reading, out);
  if (!root) return std::unexpected(out.take());
  config::check(*root, configuration_table, out);
  if (root->type != config::node::kind::map) return std::unexpected(out.take());
  auto result = bind(view(&*root, configuration_table), settings, out);
  if (out.failed()) {
    auto found = out.take();
    std::erase_if(found, &config::diagnostic::warning);
    return std::unexpected(std::move(found));
  }
  result.file = name;
  for (const auto& member : root->members)
    if (member.key != "sources" && member.key != "tenants")
      result.sections.emplace_back(member.key, digest(member.value, "blob_tokens"));
  result.warnings = out.take();
  return result;
}

load_result load(const std::string& file, const load_settings& settings) {
  config::report out(file);
  const auto text = config::read_file(file, config::read_limits{}.bytes, out, {});
  if (!text) return std::unexpected(out.take());
  return parse(*text, file, settings);
}

schemas::uuid make_namespace(std::string_view text) {
  if (const auto written = schemas::uuid_from_string(text)) return *written;
  const auto digest = intake::sha256({"switchboard/namespace/", text});
  schemas::uuid result;
  std::copy_n(digest.begin(), 16, result.bytes.begin());
  result.bytes[6] = static_cast<std::uint8_t>((result.bytes[6] & 0x0f) | 0x80);
  result.bytes[8] = static_cast<std::uint8_t>((result.bytes[8] & 0x3f) | 0x80);
  return result;
}

}  // namespace switchboard::app
