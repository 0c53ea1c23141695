#pragma once

#include <string>
#include <vector>

#include "connectors/common/peers.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::postmark {

// Everything that it names has to fit.
struct secret {
  std::string basic;          // "user:password"
  std::string header, value;  // a header that Postmark was told to send
};

// Immutable, shared by all threads.
struct configuration final : prepared {
  std::vector<secret> secrets;
  std::vector<address_range> peers;  // empty: from anywhere
  std::string account;               // empty: the mailbox of a mail, the server of a receipt
  std::vector<std::string> domains;  // the company's own, as A-labels
  std::string conversation_metadata;
  std::size_t attachments = 0, attachment_bytes = 0;
};

extern const std::span<const option> credential_options, setting_options;
prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials);

}  // namespace switchboard::connectors::postmark
