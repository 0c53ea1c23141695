#pragma once

#include <string>
#include <vector>

#include "connectors/chat/wechat/cipher.hpp"
#include "connectors/common/text_map.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::wechat {

struct access {
  std::string token;
  std::string app_id;              // whom sealed messages are for
  std::optional<message_key> key;  // absent: plain mode
};

// Immutable, shared by all threads.
struct configuration final : prepared {
  std::vector<access> accounts;
  bool has_keys = false;
  bool accept_plain = false;
  std::chrono::milliseconds tolerance{};  // 0: any time
  bool mini_program = false;
  bool to_staff = false;
  std::string reply;              // to every message
  text_map<std::string> replies;  // by MsgType or Event, in lower case
};

extern const std::span<const option> credential_options, setting_options;
prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials);

}  // namespace switchboard::connectors::wechat
