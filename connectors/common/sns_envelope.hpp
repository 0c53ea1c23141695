// The JSON envelope of Amazon SNS, for sns.cpp and sns_verify.cpp alone.
#pragma once

#include <expected>
#include <string>

#include "connectors/common/json.hpp"

namespace switchboard::connectors::sns {

enum class message_type : std::uint8_t { notification, subscription_confirmation, unsubscribe_confirmation };
std::optional<message_type> message_type_of(std::string_view) noexcept;

// Views of this thread's parser.
struct envelope {
  message_type type{};
  std::string_view type_name, message_id, topic_arn, message, time, signature, signature_version, certificate_url;
  std::string_view token, subscribe_url;    // of confirmations
  std::optional<std::string_view> subject;  // of notifications

  // A wrong member is told by its pointer.
  struct problem {
    reject_code code;
    std::string pointer;
  };
  static std::expected<envelope, problem> parse(std::string_view body, std::size_t depth);
  // What Amazon signs: of each member its name and its value, in the order of the names, every line ended.
  std::string signed_text(bool with_token = true) const;
};

// The body is a message as it was published, without an envelope and without a signature.
bool is_raw(const inbound&) noexcept;

}  // namespace switchboard::connectors::sns
