#include "broker/app/options.hpp"

namespace switchboard::app {
namespace {

using config::option;
using config::section;
using config::type;

constexpr std::int64_t KiB = 1 << 10, MiB = 1 << 20, GiB = 1 << 30;
constexpr std::int64_t second = 1000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;

constexpr option limits_options[] = {
    {.name = "header_bytes",
     .type = type::size,
     .default_value = "8KiB",
     .text = "All header fields of a request together, request line included.",
     .least = 1 * KiB,
     .most = 64 * KiB},
    {.name = "headers",
     .type = type::integer,
     .default_value = "100",
     .text = "Header fields of a request.",
     .least = 10,
     .most = 1000},
    {.name = "target_bytes",
     .type = type::size,
     .default_value = "8KiB",
     .text = "The request target.",
     .least = 256,
     .most = 64 * KiB},
    {.name = "connections",
     .type = type::integer,
     .default_value = "10000",
     .text = "Open connections.",
     .least = 1,
     .most = 1'000'000},
    {.name = "connections_per_address",
     .type = type::integer,
     .default_value = "1000",
     .text = "Open connections of one address.",
     .least = 1,
     .most = 1'000'000},
    {.name = "bytes_in_flight",
     .type = type::size,
     .default_value = "256MiB",
     .text = "Request bodies in memory, all connections together; past it new requests get 503.",
     .least = 1 * MiB,
     .most = 64 * GiB},
    {.name = "tls_handshake",
     .type = type::duration,
     .default_value = "10s",
     .text = "Time for a TLS handshake.",
     .least = second,
     .most = 5 * minute},
    {.name = "header",
     .type = type::duration,
     .default_value = "10s",
     .text = "Time until the header of a request is complete.",
     .least = second,
     .most = 5 * minute},
    {.name = "body",
     .type = type::duration,
     .default_value = "30s",
     .text = "Time until the body of a request is complete.",
     .least = second,
     .most = 10 * minute},
    {.name = "idle",
     .type = type::duration,
     .default_value = "75s",
     .text = "How long a kept-alive connection may stay silent.",
     .least = second,
     .most = hour},
    {.name = "reply",
     .type = type::duration,
     .default_value = "60s",
     .text = "Time until a client has taken its reply.",
     .least = second,
     .most = 10 * minute},
};

constexpr option listen_options[] = {
    {.name = "address", .default_value = "127.0.0.1", .text = "IP address to listen on; `0.0.0.0` or `::` for all."},
    {.name = "port",
     .type = type::integer,
     .default_value = "8080",
     .text = "TCP port; 0 takes a free one and logs it.",
     .least = 0,
     .most = 65535},
    {.name = "threads",
     .type = type::integer,
     .default_value = "1",
     .text = "Network threads, each with its own listener and event loop.",
     .least = 1,
     .most = 64},
    {.name = "trusted_proxies",
     .type = type::strings,
     .text = "Networks (CIDR) whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."},
    {.name = "limits",
     .type = type::section,
     .text = "Bounds on what clients may do.",
     .nested = &listener_limits_table},
};
constexpr section listen_table{
    .name = "listen", .text = "The listener that providers and devices reach.", .options = listen_options};

constexpr option tls_options[] = {
    {.name = "certificate",
     .text = "PEM file with the certificate and its chain; read again on SIGHUP.",
     .required = true},
    {.name = "key", .text = "PEM file with the private key.", .required = true},
    {.name = "client_ca", .text = "PEM file with the authorities whose client certificates are accepted (mutual TLS)."},
    {.name = "client_crl", .text = "PEM file with revocation lists of those authorities."},
    {.name = "require_client",
     .type = type::boolean,
     .default_value = "false",
     .text = "Refuse clients without a valid certificate."},
};
constexpr section tls_table{
    .name = "tls",
    .text = "TLS of the listener `listen`; without it plain HTTP is spoken, for use behind a proxy.",
    .options = tls_options};

constexpr option admin_options[] = {
    {.name = "address",
     .default_value = "127.0.0.1",
     .text = "IP address of the admin listener; keep it off the internet."},
    {.name = "port",
     .type = type::integer,
     .default_value = "9090",
     .text = "TCP port; 0 takes a free one and logs it.",
     .least = 0,
     .most = 65535},
    {.name = "blob_tokens",
     .type = type::map,
     .text = "Tenant to bearer token: who may read attachments under `/blobs/{tenant}/…`."},
};
constexpr section admin_table{.name = "admin",
                              .text =
                                  "The listener for operators: `/healthz`, `/readyz`, `/metrics`, `/status`, "
                                  "`/schemas/{name}`, `/blobs/{tenant}/{day}/{sha256}`.",
                              .options = admin_options};

constexpr option journal_options[] = {
    {.name = "directory", .text = "Directory of the journal, on a local disk; made at first start.", .required = true},
    {.name = "max_size",
     .type = type::size,
     .default_value = "10GiB",
     .text = "All segments together. When they are full new contacts are refused with 503 until Kafka has caught up.",
     .least = 4 * MiB,
     .most = 16384 * GiB},
    {.name = "segment_size",
     .type = type::size,
     .default_value = "64MiB",
     .text = "One segment file; it has to hold what the largest request of any source may become.",
     .least = 1 * MiB,
     .most = 4 * GiB},
    {.name = "queue_size",
     .type = type::size,
     .default_value = "64MiB",
     .text = "Units waiting for the journal thread; past it requests get 503.",
     .least = 1 * MiB,
     .most = 4 * GiB},
    {.name = "commit_interval",
     .type = type::duration,
     .default_value = "1ms",
     .text =
         "Under load the least time from one sync of the disk to the next, so that many contacts share it; one that "
         "comes alone never waits. 0 syncs as often as the disk can: replies come sooner and cost more CPU.",
     .least = 0,
     .most = 1000},
    {.name = "dedupe_window",
     .type = type::duration,
     .default_value = "8d",
     .text = "How long a retry is recognised as the same contact.",
     .least = hour,
     .most = 60 * day},
    {.name = "longest_stop",
     .type = type::duration,
     .default_value = "7d",
     .text =
         "How long this node may have been stopped. At start a wall clock that is further ahead of the last record is "
         "taken for wrong, and time goes on from that record until the clock is put right.",
     .least = hour,
     .most = 3650 * day},
    {.name = "dedupe_memory",
     .type = type::size,
     .default_value = "32MiB",
     .text = "Memory of the dedupe window; the rest is in mapped files.",
     .least = 1 * MiB,
     .most = 16 * GiB},
    {.name = "sequence_scopes",
     .type = type::integer,
     .default_value = "100000",
     .text = "Lifetimes of senders' counters (a kiosk's boot epochs) whose taken numbers are remembered; past it the "
             "least recently used is forgotten.",
     .least = 1000,
     .most = 10'000'000},
    {.name = "sequence_age",
     .type = type::duration,
     .default_value = "90d",
     .text = "How long one that is no longer used is remembered.",
     .least = day,
     .most = 3650 * day},
    {.name = "reserved_share",
     .type = type::number,
     .default_value = "0.1",
     .text = "The last part of `max_size`, kept for senders that never retry, such as voice.",
     .least = 0,
     .most = 1},
};
constexpr section journal_table{
    .name = "journal",
    .text = "The durable log of this node: what is acknowledged and Kafka may not have yet.",
    .options = journal_options};

constexpr option blobs_options[] = {
    {.name = "directory", .text = "Directory of attachments and originals; `blobs` beside the journal's by default."},
    {.name = "retention",
     .type = type::duration,
     .default_value = "30d",
     .text = "How long they are kept, in whole days.",
     .least = day,
     .most = 3650 * day},
};
constexpr section blobs_table{.name = "blobs", .text = "Attachments and originals.", .options = blobs_options};

constexpr std::string_view deliveries[] = {"idempotent", "exactly_once"};
constexpr std::string_view contents[] = {"binary", "structured"};
constexpr std::string_view acknowledgements[] = {"disk", "kafka", "both"};
constexpr option kafka_options[] = {
    {.name = "embedded",
     .type = type::boolean,
     .default_value = "false",
     .text = "Run a development broker inside this process; its records live in memory only."},
    {.name = "acknowledge",
     .type = type::choice,
     .default_value = "disk",
     .text = "What releases a reply: the contact is on this node's disk, in Kafka, or both.",
     .choices = acknowledgements},
    {.name = "delivery",
     .type = type::choice,
     .default_value = "idempotent",
     .text = "`exactly_once` puts records and checkpoint into one transaction, for readers with `read_committed`.",
     .choices = deliveries},
    {.name = "content",
     .type = type::choice,
     .default_value = "binary",
     .text = "CloudEvents content mode: attributes as headers and the body as value, or one JSON object.",
     .choices = contents},
    {.name = "topics",
     .type = type::map,
     .text = "Logical name to Kafka's name; names besides the built-in ones are for the `also_to` of rules."},
    {.name = "partitions",
     .type = type::integer,
     .default_value = "12",
     .text = "Partitions of a topic that `switchboard topics create` makes; never add any to a live topic.",
     .least = 1,
     .most = 10'000},
    {.name = "replication_factor",
     .type = type::integer,
     .default_value = "3",
     .text = "Replicas of a topic that `switchboard topics create` makes; fewer than 3 can lose records.",
     .least = 1,
     .most = 15},
    {.name = "min_insync_replicas",
     .type = type::integer,
     .default_value = "2",
     .text = "Replicas that must have a record, of a topic that `switchboard topics create` makes.",
     .least = 1,
     .most = 15},
    {.name = "retention",
     .type = type::duration,
     .default_value = "30d",
     .text = "Retention of a topic that `switchboard topics create` makes.",
     .least = minute,
     .most = 3650 * day},
    {.name = "transaction_timeout",
     .type = type::duration,
     .default_value = "10s",
     .text = "With `exactly_once`: when Kafka gives up on an open transaction.",
     .least = second,
     .most = 15 * minute},
    {.name = "commit_interval",
     .type = type::duration,
     .default_value = "20ms",
     .text = "With `exactly_once`: how long a transaction collects records.",
     .least = 1,
     .most = 10 * second},
    {.name = "heartbeat",
     .type = type::duration,
     .default_value = "10s",
     .text = "How often the journal writes its heartbeat to the control topic.",
     .least = second,
     .most = hour},
};
constexpr section kafka_table{.name = "kafka",
                              .text =
                                  "Where events go. Either `bootstrap.servers` or `embedded: true` must be given. "
                                  "Other keys are properties of librdkafka, passed "
                                  "through and checked; those that the promise rests on (idempotence, "
                                  "acknowledgements, time-outs of messages, the partitioner) are not open.",
                              .options = kafka_options,
                              .open = "a property of librdkafka"};

constexpr option tenant_options[] = {
    {.name = "id", .text = "Name of the tenant: letters, digits, `-` and `_`.", .required = true},
    {.name = "secret",
     .type = type::secret,
     .text = "At least 16 characters, the same on all nodes: keys of hashes and of sealed originals derive from it. "
             "Losing it unlinks the past.",
     .required = true},
};
constexpr section tenant_table{.name = "tenant", .text = "Whose contacts these are.", .options = tenant_options};

constexpr std::string_view categories[] = {"complaint", "question", "request", "praise", "other"};
constexpr option rule_options[] = {
    {.name = "name", .text = "What `handling.decided_by` says.", .required = true},
    {.name = "when",
     .type = type::any,
     .text = "Field to value or list of values; every field must match. Fields: `category`, `channel`, `type`, "
             "`account`, `text` (contains) and others of the event.",
     .required = true},
    {.name = "category", .type = type::choice, .text = "Category given to the contact.", .choices = categories},
    {.name = "priority", .text = "Priority given to the contact."},
    {.name = "due_within",
     .type = type::duration,
     .text = "Sets `due_at` this long after the contact.",
     .least = second,
     .most = 365 * day},
    {.name = "also_to", .type = type::strings, .text = "Logical topics that get a copy."},
};
constexpr section rule_table{.name = "rule",
                             .text =
                                 "The first rule whose conditions hold decides category, priority and due time; the "
                                 "topics of all that hold are added.",
                             .options = rule_options};

constexpr option source_limits_options[] = {
    {.name = "body_bytes",
     .type = type::size,
     .text = "A request body; the connector's own limit by default.",
     .least = 1 * KiB,
     .most = 64 * MiB},
    {.name = "items", .type = type::integer, .text = "Items of one request.", .least = 1, .most = 100'000},
    {.name = "depth", .type = type::integer, .text = "Nesting of a body.", .least = 4, .most = 256},
    {.name = "text_bytes",
     .type = type::size,
     .text = "Text of an event; longer text is cut and flagged.",
     .least = 256,
     .most = 128 * KiB},
};
constexpr section source_limits_table{.name = "limits",
                                      .text = "Bounds of this source; the connector's own by default.",
                                      .options = source_limits_options};

constexpr std::string_view keys[] = {"conversation", "party"};
constexpr option source_options[] = {
    {.name = "id",
     .text = "Name of the source: letters, digits, `-` and `_`. It stands in every event.",
     .required = true},
    {.name = "connector", .text = "Which connector reads it; `switchboard connectors` lists them.", .required = true},
    {.name = "namespace",
     .text = "What event ids are made over; the `id` by default. Set it to the old id when you rename a source, else "
             "retries count as new."},
    {.name = "tenant",
     .text =
         "Whose contacts these are, when all belong to one tenant; beside `accounts`, who owns what cannot be mapped."},
    {.name = "accounts",
     .type = type::map,
     .text = "The provider's account (number, page, recipient) to tenant, when they belong to several; others go to "
             "quarantine."},
    {.name = "path", .text = "Path of the endpoint; `/in/{id}` by default."},
    {.name = "public_url",
     .text = "Scheme and host as the provider calls them (`https://hooks.example.com`), for signatures over URLs "
             "behind proxies; from the request by default."},
    {.name = "credentials",
     .type = type::any,
     .text = "One map, or a list of several that are valid at once (rotation); their keys are the connector's."},
    {.name = "settings", .type = type::any, .text = "Settings of the connector."},
    {.name = "limits", .type = type::section, .text = "Bounds of this source.", .nested = &source_limits_table},
    {.name = "rules", .type = type::sections, .text = "Handling and routing.", .nested = &rule_table},
    {.name = "key",
     .type = type::choice,
     .default_value = "conversation",
     .text = "Kafka key: the conversation, or `party` to keep one customer's channels together.",
     .choices = keys},
    {.name = "store_raw",
     .type = type::boolean,
     .default_value = "false",
     .text = "A sealed copy of every request to the raw topic."},
    {.name = "test", .type = type::boolean, .default_value = "false", .text = "Flag every event `test`."},
    {.name = "skew_allowed",
     .type = type::duration,
     .default_value = "5m",
     .text = "How far a provider's time may be ahead before an event is flagged `skewed`.",
     .least = 0,
     .most = day},
    {.name = "call_digits",
     .type = type::integer,
     .default_value = "6",
     .text =
         "How many digits that a caller keys in one request of a call stay readable; 0 where card numbers are asked "
         "for group by group.",
     .least = 0,
     .most = 6},
    {.name = "unmasked_prompts",
     .type = type::strings,
     .text = "Prompts whose digits are kept whole; of others those beyond `call_digits` are masked."},
};

constexpr std::string_view formats[] = {"logfmt", "json"};
constexpr std::string_view levels[] = {"debug", "info", "warning", "error"};
constexpr std::string_view logged_requests[] = {"problems", "all"};
constexpr option log_options[] = {
    {.name = "format",
     .type = type::choice,
     .default_value = "logfmt",
     .text = "How log lines on standard error look.",
     .choices = formats},
    {.name = "level",
     .type = type::choice,
     .default_value = "info",
     .text = "The least that is logged.",
     .choices = levels},
    {.name = "requests",
     .type = type::choice,
     .default_value = "problems",
     .text = "Which requests get a line, with the ids of request and events: those that were rejected, refused or "
             "quarantined (a limited number a second), or all.",
     .choices = logged_requests},
};
constexpr section log_table{
    .name = "log", .text = "Structured logs; never the text of a contact.", .options = log_options};

constexpr option root_options[] = {
    {.name = "listen",
     .type = type::section,
     .text = "The listener that providers and devices reach.",
     .nested = &listen_table},
    {.name = "tls", .type = type::section, .text = "TLS of that listener.", .nested = &tls_table},
    {.name = "admin", .type = type::section, .text = "The listener for operators.", .nested = &admin_table},
    {.name = "journal",
     .type = type::section,
     .text = "The durable log of this node.",
     .required = true,
     .nested = &journal_table},
    {.name = "blobs", .type = type::section, .text = "Attachments and originals.", .nested = &blobs_table},
    {.name = "kafka",
     .type = type::section,
     .text = "Where events go: a Kafka address, or `embedded: true` for development.",
     .required = true,
     .nested = &kafka_table},
    {.name = "tenants",
     .type = type::sections,
     .text = "Whose contacts are taken in.",
     .required = true,
     .nested = &tenant_table},
    {.name = "sources",
     .type = type::sections,
     .text = "Where contacts come from.",
     .required = true,
     .nested = &source_table_options},
    {.name = "fetch_hosts",
     .type = type::strings,
     .text = "Hosts that signing keys and confirmations are fetched from, over https: `keys.example.com`, "
             "`*.amazonaws.com`."},
    {.name = "dataschema", .text = "Base URL of the attribute `dataschema`; left out of events by default."},
    {.name = "log", .type = type::section, .text = "Structured logs.", .nested = &log_table},
    {.name = "drain",
     .type = type::duration,
     .default_value = "30s",
     .text = "How long SIGTERM waits for requests in flight and for Kafka.",
     .least = second,
     .most = hour},
};

constexpr default_topic topics[] = {
    {"inbound", "contacts.inbound.v1"},       {"activity", "contacts.activity.v1"},
    {"quarantine", "contacts.quarantine.v1"}, {"raw", "contacts.raw.v1"},
    {"control", "contacts.control.v1"},       {"dead_letter", "contacts.dead-letter.v1"},
};

}  // namespace

const section listener_limits_table{
    .name = "limits", .text = "Bounds on what clients may do.", .options = limits_options};
const section source_table_options{
    .name = "source", .text = "One configured use of a connector.", .options = source_options};
const section configuration_table{.name = "configuration", .text = {}, .options = root_options};
const std::span<const default_topic> default_topics = topics;

}  // namespace switchboard::app
