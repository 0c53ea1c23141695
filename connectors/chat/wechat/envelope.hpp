// How a request is packed: what its query proves, and whether its body is sealed. Pure, any thread.
#pragma once

#include "connectors/chat/wechat/document.hpp"
#include "connectors/chat/wechat/settings.hpp"
#include "connectors/common/form.hpp"

namespace switchboard::connectors::wechat {

inline constexpr std::size_t most_depth = 64;

// The query of a request, and what is sealed where it has a msg_signature and there is a key: <Encrypt> of an XML body,
// "Encrypt" of a JSON one, the echostr of a GET. In the compatible mode the same stands beside it in clear, and is not
// read. `sealed` lives as long as the request and until the next parse of one on this thread. Verification and decoding
// both ask here, so that what is read is what was signed.
struct proof {
  form query;
  bool claims_sealed = false;
  std::optional<std::string_view> sealed;
  std::string_view signature;  // msg_signature where something is sealed
};
proof proof_of(const inbound&, const configuration&);

// A body as it is to be read.
struct letter {
  std::string content;  // in clear
  document says;
  const access* opened_with = nullptr;  // null: it was not sealed
  bool json = false;
};
// unmapped_account: sealed for an app that is not configured; malformed_body: no key opens it, or what document says.
std::expected<letter, reject_code> open_letter(const inbound&, const configuration&, std::size_t depth);

// A sealed text and the access whose key opens it.
struct unsealed {
  plaintext text;
  const access* with;
};
std::expected<unsealed, reject_code> unseal(std::string_view base64, const configuration&);

}  // namespace switchboard::connectors::wechat
