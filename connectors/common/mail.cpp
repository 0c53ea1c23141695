#include "connectors/common/mail.hpp"

#include <algorithm>

#include "connectors/common/idn.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::mail {

namespace {

// Reads one mailbox, up to the comma or semicolon that ends it.
mailbox next_mailbox(std::string_view& rest) {
  mailbox out;
  std::string name;
  std::size_t i = 0, address = std::string_view::npos, begin = 0;
  int comment = 0;
  bool quoted = false;
  for (; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '\\' && (quoted || comment > 0) && i + 1 < rest.size()) {
      if (quoted)
        name += rest[++i];
      else
        ++i;
    } else if (quoted || (c == '"' && comment == 0)) {
      if (c == '"')
        quoted = !quoted;
      else
        name += c;
    } else if (c == '(') {
      ++comment;
    } else if (comment > 0) {
      if (c == ')') --comment;
    } else if (c == '<') {
      address = i + 1;
      const std::size_t close = rest.find('>', address);
      out.address = trimmed(rest.substr(address, close == std::string_view::npos ? close : close - address));
      if (close == std::string_view::npos) {
        i = rest.size();
        break;
      }
      i = close;
    } else if (c == ',' || c == ';') {
      break;
    } else if (c == ':' && address == std::string_view::npos) {
      name.clear();  // the name of a group
      begin = i + 1;
    } else {
      name += c;
    }
  }
  if (address == std::string_view::npos)
    out.address = trimmed(rest.substr(begin, i - begin));
  else
    out.name = repaired(trimmed(name));
  rest.remove_prefix(std::min(rest.size(), i + 1));
  return out;
}

bool any(std::span<const header> headers, std::initializer_list<std::string_view> names) noexcept {
  return std::ranges::any_of(names, [&](std::string_view name) { return count(headers, name) > 0; });
}

}  // namespace

std::string_view find(std::span<const header> headers, std::string_view name) noexcept {
  const auto found = std::ranges::find_if(headers, [&](const header& h) { return equal_without_case(h.name, name); });
  return found == headers.end() ? std::string_view{} : trimmed(found->value);
}

std::size_t count(std::span<const header> headers, std::string_view name) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(headers, [&](const header& h) { return equal_without_case(h.name, name); }));
}

std::vector<mailbox> mailboxes(std::string_view field, std::size_t most) {
  std::vector<mailbox> out;
  while (!field.empty() && out.size() < most)
    if (mailbox each = next_mailbox(field); !each.address.empty()) out.push_back(std::move(each));
  return out;
}

std::vector<std::string_view> message_ids(std::string_view field, std::size_t most) {
  constexpr std::size_t longest = 998;  // a line of a mail
  std::vector<std::string_view> out;
  while (out.size() < most) {
    const std::size_t close = field.find('>');
    if (close == std::string_view::npos) break;
    if (const std::size_t open = field.substr(0, close).rfind('<'); open != std::string_view::npos) {
      const std::string_view id = field.substr(open, close + 1 - open);
      if (id.size() > 2 && identifier(id, longest)) out.push_back(id);
    }
    field.remove_prefix(close + 1);
  }
  return out;
}

std::string without_tag(std::string_view address) {
  const std::size_t at = address.rfind('@'), plus = address.find('+');
  if (at == std::string_view::npos || plus == 0 || plus > at) return std::string(address);
  return std::string(address.substr(0, plus)) + std::string(address.substr(at));
}

std::string conversation_token(std::string_view tag) {
  constexpr std::size_t length = 26;
  std::string id = lower(tag);
  if (!id.starts_with("c.") || id.size() != length + 2) return {};
  id.erase(0, 2);
  const bool base32 = std::ranges::all_of(id, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); });
  return base32 ? id : std::string();
}

std::optional<schemas::automated> automated_by(std::span<const header> headers, std::string_view sender,
                                               bool null_sender) {
  using enum schemas::automated;
  const auto word_of = [&](std::string_view name) {
    const std::string_view value = find(headers, name);
    return lower(trimmed(value.substr(0, value.find_first_of(";("))));
  };
  const std::string submitted = word_of("Auto-Submitted"), precedence = word_of("Precedence");
  const bool by_program = !submitted.empty() && submitted != "no";
  if (submitted == "auto-replied" || precedence == "auto_reply" ||
      any(headers, {"X-Autoreply", "X-Autorespond", "X-Autoresponder"}))
    return auto_reply;
  if (precedence == "bulk" || precedence == "list" || precedence == "junk" ||
      any(headers, {"List-Id", "List-Unsubscribe", "Feedback-ID"}))
    return bulk;
  if (const std::string suppress = word_of("X-Auto-Response-Suppress");
      !by_program && !suppress.empty() && suppress != "none")
    return auto_reply;
  const std::string local = lower(sender.substr(0, sender.find('@')));
  const bool daemon = local == "mailer-daemon" || local == "postmaster";
  if (by_program || daemon) return bot;
  return null_sender ? std::optional(auto_reply) : std::nullopt;
}

std::vector<std::string> conversation_of(std::string_view message_id) { return {"mail", std::string(message_id)}; }

std::string file_name(std::string_view raw) {
  constexpr std::size_t longest = 255;
  if (const std::size_t slash = raw.find_last_of("/\\"); slash != std::string_view::npos) raw.remove_prefix(slash + 1);
  const std::string whole = repaired(raw);
  std::string out;
  for (std::string_view rest = whole; !rest.empty();) {
    const char32_t c = next_code_point(rest);
    const bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
    const bool direction =
        c == 0x200E || c == 0x200F || c == 0x061C || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    if (!control && !direction) append_utf8(out, c);
  }
  out = std::string(trimmed(cut(out, longest)));
  return out == "." || out == ".." ? std::string() : out;
}

}  // namespace switchboard::connectors::mail
