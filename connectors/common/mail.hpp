// What a mail says about itself, whoever delivers it. Pure, any thread, linear time.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/event.hpp"

namespace switchboard::connectors::mail {

// In the order in which they stand in the mail, repeated ones too.
struct header {
  std::string_view name, value;
};
// The first of that name, without the white space around it; empty when there is none. Names are compared without case.
std::string_view find(std::span<const header>, std::string_view name) noexcept;
std::size_t count(std::span<const header>, std::string_view name) noexcept;

struct mailbox {
  std::string_view address;  // views into the field; not checked
  std::string name;          // without its quotes
};
// The mailboxes of an address list, groups flattened. At most `most`.
std::vector<mailbox> mailboxes(std::string_view field, std::size_t most = 100);

// "<a@b>" each, in their order, what is none left out. At most `most`.
std::vector<std::string_view> message_ids(std::string_view field, std::size_t most = 100);

// "support@acme.example" for "support+t42@acme.example".
std::string without_tag(std::string_view address);
// The id of a conversation that an answering service put into the address we were written to, as `+c.<id>`: 26
// characters of base32. Empty when the tag is another one.
std::string conversation_token(std::string_view tag);

// Whether a program wrote it: auto-replies, then what was sent to many, then other programs (RFC 3834 and what real
// systems send). nullopt: nothing says so. `null_sender`: the envelope names nobody to answer to.
std::optional<schemas::automated> automated_by(std::span<const header>, std::string_view sender, bool null_sender);

// The parts of the conversation that begins with a mail of this Message-ID, "<…>".
std::vector<std::string> conversation_of(std::string_view message_id);

// What may be shown as the name of a file: the last part of a path, without control characters and marks that change
// the direction of writing; at most 255 bytes.
std::string file_name(std::string_view);

}  // namespace switchboard::connectors::mail
