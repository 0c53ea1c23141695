#include "connectors/chat/wechat/envelope.hpp"

#include "connectors/common/json.hpp"
#include "connectors/common/url.hpp"

namespace switchboard::connectors::wechat {

namespace {

std::string_view without_space(std::string_view text) noexcept {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(space);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

// Finds the element without parsing the rest: what customers write stands in CDATA sections, which are passed over.
std::optional<std::string_view> sealed_in_xml(std::string_view body) {
  constexpr std::string_view open = "<Encrypt>", close = "</Encrypt>", cdata = "<![CDATA[", cdata_end = "]]>";
  for (std::size_t at = 0; (at = body.find('<', at)) != body.npos;) {
    const std::string_view rest = body.substr(at);
    if (rest.starts_with(cdata)) {
      at = body.find(cdata_end, at);
      if (at == body.npos) return std::nullopt;
    } else if (rest.starts_with(open)) {
      const std::size_t end = rest.find(close);
      if (end == rest.npos) return std::nullopt;
      std::string_view value = without_space(rest.substr(open.size(), end - open.size()));
      if (value.starts_with(cdata) && value.ends_with(cdata_end))
        value = value.substr(cdata.size(), value.size() - cdata.size() - cdata_end.size());
      return value;
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> sealed_in_json(std::string_view body) {
  const auto root = json::parse(body, most_depth);
  json::element member;
  if (!root || root->at_key("Encrypt").get(member)) return std::nullopt;
  return json::text(member);
}

}  // namespace

proof proof_of(const inbound& request, const configuration& configured) {
  auto query = form::parse(query_of(request.target));
  proof out{query ? std::move(*query) : *form::parse({}), false, std::nullopt, {}};
  const auto signature = out.query.find("msg_signature");
  out.claims_sealed = configured.has_keys && signature;
  out.signature = out.claims_sealed ? *signature : out.query.get("signature");
  if (!out.claims_sealed) return out;
  if (request.method == "GET")
    out.sealed = out.query.find("echostr");
  else
    out.sealed = is_json(request.body) ? sealed_in_json(request.body) : sealed_in_xml(request.body);
  return out;
}

std::expected<unsealed, reject_code> unseal(std::string_view base64, const configuration& configured) {
  reject_code wrong = reject_code::malformed_body;
  for (const access& each : configured.accounts) {
    if (!each.key) continue;
    auto text = each.key->unseal(base64);
    if (!text) continue;
    if (text->app_id() == each.app_id) return unsealed{std::move(*text), &each};
    wrong = reject_code::unmapped_account;
  }
  return std::unexpected(wrong);
}

std::expected<letter, reject_code> open_letter(const inbound& request, const configuration& configured,
                                               std::size_t depth) {
  letter out;
  const proof given = proof_of(request, configured);
  if (given.claims_sealed) {
    auto opened = unseal(given.sealed.value_or(""), configured);
    if (!opened) return std::unexpected(opened.error());
    out.content = opened->text.content();
    out.opened_with = opened->with;
  } else {
    out.content = request.body;
  }
  auto read = document::parse(out.content, depth);
  if (!read) return std::unexpected(read.error());
  out.says = std::move(*read);
  out.json = is_json(out.content);
  return out;
}

}  // namespace switchboard::connectors::wechat
