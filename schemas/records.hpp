// What is published beside the contacts: quarantine, raw originals, the journal's heartbeat. Each becomes an
// encoded_event, so that the journal and the forwarder treat everything alike. Pure values and functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schemas/codec.hpp"

namespace switchboard::schemas {

inline constexpr std::string_view quarantine_type = "switchboard.quarantine.v1";
inline constexpr std::string_view raw_type = "switchboard.raw.v1";
inline constexpr std::string_view heartbeat_type = "switchboard.heartbeat.v1";

// A request as it arrived, one line of the request format, sealed with the tenant's key. Exactly one of `bytes` and
// `blob` is set: what does not fit into a record lies in the blob store.
struct sealed_inbound {
  std::string algorithm = "aes-256-gcm";
  std::string key_id;     // which key opens it
  std::string bytes;      // binary; base64 on the wire
  std::string blob;       // blob:{tenant}/{day}/{sha256}
  std::int64_t size = 0;  // of the line before sealing, bytes
};

// How the request was found authentic: what a replay trusts instead of the signature, which may have expired.
struct verdict_info {
  std::string method;  // "hmac-sha256"
  authentication_result result = authentication_result::pass;
  std::string principal;  // device, account
};

// What both kinds of original tell. Intake owns the id: a name space of its own, never that of an event.
struct original {
  uuid id;
  timestamp recorded_at{};
  timestamp received_at{};  // also the CloudEvents time
  std::string tenant;       // empty where the account could not be mapped
  event::source_info source;
  std::string code;    // why it is here, bounded: "missing_field", "unsupported", "configured"
  std::string reason;  // the same for a person, never text from the payload
  verdict_info verdict;
  sealed_inbound inbound;
  std::string traceparent;
};

// Authentic input that could not be parsed or mapped.
struct quarantine_record : original {
  std::string pointer;               // where: a JSON Pointer or a field name of ours
  std::optional<std::int64_t> item;  // which item of the request, from 0; absent: the request as a whole
};

// An original kept on request.
struct raw_record : original {
  std::vector<uuid> event_ids;  // the events it became, in order; at most event_ids_limit are written
  static constexpr std::size_t event_ids_limit = 1000;
};

// How far a journal has come: written every few seconds, so that a consumer can close windows and see a loss by itself.
struct heartbeat_record {
  uuid id;
  timestamp recorded_at{};
  timestamp time{};
  uuid journal;
  std::optional<timestamp> oldest_unpublished;  // recordedtime; absent: everything is published
  struct topic_state {
    std::string topic;                         // Kafka's name
    std::uint64_t last_sequence = 0;           // sbseq of the last record handed over and acknowledged, 0: none yet
    std::vector<std::uint64_t> dead_lettered;  // sbseq of those that went to the dead letter, ascending; the last
                                               // dead_lettered_limit are written
    std::uint64_t dead_lettered_count = 0;     // of all time
  };
  std::vector<topic_state> topics;
  static constexpr std::size_t dead_lettered_limit = 1000;
};

encoded_event encode(const quarantine_record&, const codec_settings&);
encoded_event encode(const raw_record&, const codec_settings&);
encoded_event encode(const heartbeat_record&, const codec_settings&);

}  // namespace switchboard::schemas
