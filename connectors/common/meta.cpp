#include "connectors/common/meta.hpp"

#include <algorithm>
#include <cassert>

#include "connectors/common/crypto.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/common/fingerprint.hpp"
#include "connectors/common/form.hpp"
#include "connectors/common/sample.hpp"
#include "connectors/common/settings.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"
#include "connectors/common/url.hpp"

namespace switchboard::connectors::meta {

namespace {

constexpr std::string_view signature_header = "X-Hub-Signature-256", signature_prefix = "sha256=";

constexpr option credential_table[] = {
    {.name = "app_secret",
     .type = value_type::secret,
     .text =
         "The app's secret, which signs every request: App Dashboard, App settings, Basic. List the old and the new "
         "one while you rotate."},
    {.name = "verify_token",
     .type = value_type::secret,
     .text = "The word that you typed as Verify token where you subscribed the webhook; you make it up."},
};

// The decoded value of a query parameter; Meta sends each once.
std::optional<std::string> query_value(const inbound& request, std::string_view name) {
  const auto query = form::parse(query_of(request.target));
  if (!query) return std::nullopt;
  const auto value = query->find(name);
  return value ? std::optional(std::string(*value)) : std::nullopt;
}

verdict verify_challenge(const inbound& request, const access& known) {
  const auto given = query_value(request, "hub.verify_token");
  if (!given || query_value(request, "hub.mode") != "subscribe")
    return rejected{reject_code::missing_signature,
                    "a GET is answered only with hub.mode=subscribe and a verify token"};
  for (const std::string& token : known.verify_tokens)
    if (equal_in_constant_time(token, *given)) return authentic{"meta", "verify-token"};
  return rejected{reject_code::unknown_credential,
                  "hub.verify_token is not the configured verify_token: type the same in the App Dashboard"};
}

item_rejected refused(reject_code code, std::string pointer, json::element raw) {
  return {code, std::move(pointer), json::minified(raw)};
}

unsupported other_object(const inbound& request, std::string_view object) {
  contact fact;
  fact.event.provider = "meta";
  fact.event.time = request.received_at;
  fact.event.add(schemas::flag::time_from_receipt);
  fact.fingerprint = fingerprint().add(request.body).value();
  return {std::move(fact), "object/" + std::string(cut(object, 64)), std::string(request.body)};
}

constexpr struct {
  std::string_view name;
  list in;
} lists[] = {{"changes", list::changes}, {"messaging", list::messaging}, {"standby", list::standby}};

class walker {
 public:
  walker(const limits& limits, decoded& out, const std::function<void(const update&, std::vector<item>&)>& each)
      : limits_(limits), out_(out), each_(each) {}

  void entry(json::element element, const std::string& pointer) {
    json::object object;
    if (element.get(object)) return reject(reject_code::wrong_type, pointer, element);
    json::element member;
    update u;
    if (!object.at_key("id").get(member)) u.entry_id = json::text(member).value_or("");
    if (!identifier(u.entry_id)) u.entry_id = {};
    if (!object.at_key("time").get(member)) u.entry_time = time_of(member);

    const std::size_t before = out_.items.size();
    updates(u, element, object, pointer);
    if (out_.items.size() == before) reject(reject_code::missing_field, pointer + "/changes", element);
    // Whose it is what could not be read, unless that says so more closely itself.
    for (std::size_t i = before; i < out_.items.size(); ++i)
      if (auto* refused = std::get_if<item_rejected>(&out_.items[i]); refused && refused->account.id.empty())
        refused->account.id = u.entry_id;
  }

  // Stops what no request may hold: the whole of it is then kept.
  bool full() const noexcept { return out_.items.size() > limits_.items; }

 private:
  void reject(reject_code code, std::string pointer, json::element raw) {
    out_.items.emplace_back(refused(code, std::move(pointer), raw));
  }

  void updates(update& u, json::element element, json::object object, const std::string& pointer) {
    json::element member;
    for (const auto& [name, in] : lists) {
      json::array elements;
      if (object.at_key(name).get(member)) continue;
      const std::string place = pointer + "/" + std::string(name);
      if (member.get(elements)) {
        reject(reject_code::wrong_type, place, element);
        continue;
      }
      std::size_t index = 0;
      for (const json::element each : elements) {
        if (full()) return;
        u.in = in;
        one(u, each, place + "/" + std::to_string(index++));
      }
    }
    if (json::element value; !object.at_key("value").get(value)) {
      u.in = list::changes;
      one(u, element, pointer);
    }
  }

  void one(update& u, json::element element, std::string pointer) {
    u.whole = u.value = element;
    u.field = {};
    json::object object;
    if (element.get(object)) return reject(reject_code::wrong_type, std::move(pointer), element);
    if (u.in == list::changes) {
      json::element field;
      if (object.at_key("field").get(field))
        return reject(reject_code::missing_field, std::move(pointer) + "/field", element);
      u.field = json::text(field).value_or("");
      if (!identifier(u.field, 128)) return reject(reject_code::wrong_type, std::move(pointer) + "/field", element);
      pointer += "/value";
      if (object.at_key("value").get(u.value)) return reject(reject_code::missing_field, std::move(pointer), element);
    }
    u.pointer = std::move(pointer);
    const std::size_t before = out_.items.size();
    each_(u, out_.items);
    assert(out_.items.size() > before && "every update becomes something");
    static_cast<void>(before);
  }

  const limits& limits_;
  decoded& out_;
  const std::function<void(const update&, std::vector<item>&)>& each_;
};

}  // namespace

const std::span<const option> credential_options = credential_table;

access read_access(std::span<const credential> credentials, std::vector<settings_error>& errors) {
  access out;
  for (std::size_t i = 0; i < credentials.size(); ++i) {
    settings_reader reader(credentials[i], credential_table, "/credentials/" + std::to_string(i), errors);
    std::string secret = reader.text("app_secret"), token = reader.text("verify_token");
    if (!reader.raw("app_secret") && !reader.raw("verify_token"))
      reader.error("app_secret", "'app_secret' is missing", "App Dashboard, App settings, Basic, App secret");
    if (!secret.empty()) out.app_secrets.push_back(std::move(secret));
    if (!token.empty()) out.verify_tokens.push_back(std::move(token));
  }
  if (out.app_secrets.empty() && errors.empty())
    errors.push_back({"/credentials", "no app_secret is configured", "list {app_secret, verify_token} for each app"});
  return out;
}

verdict verify(const inbound& request, const access& known) {
  if (request.method == "GET") return verify_challenge(request, known);
  if (request.method != "POST") return rejected{reject_code::method_not_allowed, "Meta calls with GET and POST"};
  const auto written = request.find(signature_header);
  if (!written || written->empty())
    return rejected{reject_code::missing_signature, "there is no X-Hub-Signature-256: did a proxy take it off?"};
  const auto given =
      written->starts_with(signature_prefix) ? from_hex(written->substr(signature_prefix.size())) : std::nullopt;
  if (!given || given->size() != 32)
    return rejected{reject_code::malformed_signature, "X-Hub-Signature-256 is sha256= and 64 hex digits"};
  for (const std::string& secret : known.app_secrets)
    if (equal_in_constant_time(mac(digest::sha256, secret, {request.body}).bytes(), *given))
      return authentic{"meta", "hmac-sha256"};
  return rejected{reject_code::bad_signature,
                  "is app_secret this app's, and does the body arrive as it was sent, its escapes included?"};
}

std::optional<handshake> answer_challenge(const inbound& request) {
  if (request.method != "GET") return std::nullopt;
  return handshake{.status = 200,
                   .content_type = "text/plain",
                   .body = repaired(query_value(request, "hub.challenge").value_or("")),
                   .headers = {{"X-Content-Type-Options", "nosniff"}},
                   .confirm_url = {}};
}

outbound sign(const sample& what, const access& known, std::string_view public_url, const freshness& fresh) {
  assert(!known.app_secrets.empty());
  const std::string& secret = known.app_secrets[fresh.random % known.app_secrets.size()];
  outbound out{std::string(what.method),
               std::string(target_of(public_url)),
               {{"Content-Type", std::string(what.content_type)}},
               filled(what.body, fresh)};
  out.headers.emplace_back(signature_header,
                           std::string(signature_prefix) + to_hex(mac(digest::sha256, secret, {out.body}).bytes()));
  return out;
}

decoded walk(const inbound& request, const limits& limits, std::span<const std::string_view> objects,
             const std::function<void(const update&, std::vector<item>&)>& each) {
  decoded out;
  const auto whole = [&](reject_code code, std::string pointer) {
    out.items.clear();
    out.whole = {code, std::move(pointer), std::string(request.body)};
    return std::move(out);
  };
  const auto root = json::parse(request.body, limits.depth);
  if (!root) return whole(root.error(), "");
  json::object object;
  if (root->get(object)) return whole(reject_code::wrong_type, "");
  json::element member;
  std::string_view about;
  if (object.at_key("object").get(member) || member.get(about) || !identifier(about))
    return whole(reject_code::missing_field, "/object");
  if (std::ranges::find(objects, about) == objects.end()) {
    out.items.emplace_back(other_object(request, about));
    return out;
  }
  json::array entries;
  if (object.at_key("entry").get(member)) return whole(reject_code::missing_field, "/entry");
  if (member.get(entries)) return whole(reject_code::wrong_type, "/entry");

  walker walk(limits, out, each);
  std::size_t index = 0;
  for (const json::element entry : entries) {
    walk.entry(entry, "/entry/" + std::to_string(index++));
    if (walk.full()) return whole(reject_code::too_many_items, "/entry");
  }
  if (out.items.empty()) return whole(reject_code::missing_field, "/entry");
  return out;
}

std::optional<timestamp> time_of(json::element written) {
  const auto text = json::text(written);
  const auto value = text ? plain_integer(*text) : json::integer(written);
  return value ? from_unix(*value) : std::nullopt;
}

}  // namespace switchboard::connectors::meta
