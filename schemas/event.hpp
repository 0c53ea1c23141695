// The event: Switchboard's public interface as a C++ type. schemas/json/ holds the same as JSON Schema;
// schemas/codec.hpp writes it.
//
// A plain value, owned by whoever holds it, safe to hand from thread to thread. Absent means unknown or not applicable:
// an empty string, list or optional is never written. Which block (message, call, …) is set follows from the type; see
// type_info().
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchboard::schemas {

// UTC, milliseconds: the resolution of every time on the wire.
using timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using milliseconds = std::chrono::milliseconds;

// 128 bits in network order. Ordered and hashable, so that it serves as a map key.
struct uuid {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const uuid&, const uuid&) = default;
};

enum class event_type : std::uint8_t {
  message_received,
  message_sent,
  message_edited,
  message_deleted,
  reaction,
  receipt,
  call_started,
  call_progressed,
  call_ended,
  call_input,
  call_recorded,
  call_transcribed,
  feedback_submitted,
  feedback_edited,
  feedback_deleted,
  form_submitted,
  visit_recorded,
  callback_requested,
  consent_changed,
  membership_changed,
  conversation_changed,
  session_started,
  session_ended,
  referral,
  identity_linked,
  conversation_linked,
  attachment_updated,
  erasure_requested,
  unsupported,
};
inline constexpr std::size_t event_type_count = 29;

// Logical topics; configuration maps them to Kafka's names (default: contacts.<name>.v1). Routing rules may add others.
enum class topic_class : std::uint8_t { inbound, activity, quarantine, raw, control, dead_letter };

enum class channel : std::uint8_t { email, voice, sms, chat, social, kiosk, form, fax, letter, visit };
enum class direction : std::uint8_t { inbound, outbound, system };
enum class capture : std::uint8_t { automatic, manual, import };
enum class role : std::uint8_t { customer, business, agent, bot, system };
enum class recipient_as : std::uint8_t { to, cc, bcc, envelope };
enum class conversation_kind : std::uint8_t { direct, group, thread, post, call };
enum class visibility : std::uint8_t { private_, public_ };
enum class automated : std::uint8_t { human, auto_reply, bulk, bot };
enum class category : std::uint8_t { complaint, question, request, praise, other };
enum class rel : std::uint8_t { in_reply_to, about, part_of, forwarded_from, derived_from, supersedes };
enum class flag : std::uint8_t {
  skewed,
  truncated,
  masked,
  id_conflict,
  id_from_content,
  time_from_receipt,
  conversation_unresolved,
  encrypted,
  type_mismatch,
  test,
};
enum class attachment_kind : std::uint8_t { image, video, audio, voice, document, sticker, contact, calendar, other };
enum class attachment_state : std::uint8_t { stored, pending, failed, expired };
enum class message_kind : std::uint8_t {
  text,
  media,
  location,
  contact_card,
  sticker,
  interaction,
  order,
  unsupported,
  poll,
};
enum class interaction_kind : std::uint8_t { button, list, postback, menu, keyword, flow };
enum class context_rel : std::uint8_t { replies_to, mentions, comments_on };
enum class context_kind : std::uint8_t { story, post, ad, product, message, comment };
enum class deletion_reason : std::uint8_t { unsent, removed, hidden, moderated, expired };
enum class reaction_action : std::uint8_t { added, removed, replaced, counted };
enum class receipt_status : std::uint8_t {
  queued,
  accepted,
  sent,
  delivered,
  read,
  played,
  failed,
  bounced,
  delayed,
  expired,
  clicked,
};
enum class call_state : std::uint8_t { ringing, answered, completed, busy, no_answer, failed, canceled, rejected };
enum class answered_by : std::uint8_t { agent, bot, machine, human };  // human: a person, nobody knows whose
enum class input_kind : std::uint8_t { dtmf, speech };
enum class recording_purpose : std::uint8_t { call, voicemail };
enum class feedback_kind : std::uint8_t { csat, nps, ces, rating, review, comment, poll };
enum class scale_best : std::uint8_t { min, max };
enum class visit_state : std::uint8_t { arrived, waiting, served, left, missed };
enum class consent_state : std::uint8_t { granted, withdrawn };
enum class consent_scope : std::uint8_t { all, marketing, service, recording, calls };
enum class membership_state : std::uint8_t { followed, unfollowed, joined, left, blocked, unblocked, removed };
enum class conversation_state : std::uint8_t { open, pending, resolved, closed };
enum class referral_kind : std::uint8_t { ad, link, qr, widget, post };
enum class link_relation : std::uint8_t { same, replaces, separates };
enum class authentication_result : std::uint8_t { pass, skipped };

struct identity {
  std::string uri;
  bool verified = false;
  bool derived = false;
};

struct party {
  role who = role::customer;
  std::string display_name;
  std::vector<identity> identities;
  std::string locale;
};

struct recipient {
  party who;
  recipient_as as = recipient_as::to;
};

struct money {
  std::string amount;
  std::string currency;
};  // a decimal string; ISO 4217

struct attachment {
  std::string id;     // unique within the event
  bool body = false;  // role: body instead of file
  attachment_kind kind = attachment_kind::other;
  std::string content_type, detected_type, name;
  std::optional<std::int64_t> size;  // bytes
  std::string sha256;                // 64 hex characters
  attachment_state state = attachment_state::pending;
  std::string blob;  // blob:{tenant}/{day}/{sha256}
  std::optional<timestamp> blob_expires_at;
  std::string provider_ref, url;
  std::optional<timestamp> url_expires_at;
  std::string inline_id;
  std::optional<milliseconds> duration;
  struct transcript_text {
    std::string text, by;
    std::optional<double> confidence;
    std::string language;
  };
  std::optional<transcript_text> transcript;
};

struct field {
  std::string name, label, type, value;
  std::vector<std::string> values;
};

// What the provider or the company gave along, under the provider's name for it.
struct named_value {
  std::string name, value;
};

struct choice {
  std::string id, label;
};

struct referral_info {
  std::optional<referral_kind> kind;
  std::string id, url, headline, campaign;
  std::string text{};       // the ad's or post's own words
  std::string ref{};        // what the company put into the link or code: a scene, a ref parameter
  std::string click_id{};   // the provider's id of this click, for attribution
  std::string media_url{};  // the picture or film that the ad or post shows
};

// Brought on from elsewhere. The original, where it is named, stands in `related` as forwarded_from.
struct forwarding {
  std::optional<bool> often;    // whether the provider calls it frequently forwarded
  std::string from, from_uri;   // who wrote the original: as shown; as an identity
  std::optional<timestamp> at;  // when the original was written
};

struct poll {
  std::string id;  // answers name it; the question is the event's text
  std::vector<choice> choices;
  bool multiple = false;
};

struct message_context {
  context_rel relation = context_rel::replies_to;
  std::optional<context_kind> kind;
  std::string external_id, url;
};

struct interaction {
  interaction_kind kind = interaction_kind::button;
  std::string payload, title;
  std::vector<field> fields;
};

struct location {
  double latitude = 0, longitude = 0;
  std::string name, address, url{};
};

struct contact_card {
  std::string name;
  std::vector<std::string> phones, emails;
  std::string organization;
  std::vector<std::string> addresses, urls;
  std::vector<std::string> identities;  // URIs by which the provider knows the person
};

struct order_item {
  std::string sku;
  std::int64_t quantity = 0;  // rounded where exact_quantity is given
  std::optional<money> unit_price;
  std::string exact_quantity{};  // a decimal, where it is no whole number
};
struct order {
  std::string catalog_id;
  std::vector<order_item> items;
};

struct mail_result {
  std::string method, result, domain;
};
struct mail {
  std::string message_id, sender;
  std::vector<std::string> resent;
  std::vector<mail_result> results;
  std::string list_id;
};

struct message {
  message_kind kind = message_kind::text;
  std::string subject;
  std::optional<message_context> context;
  std::optional<schemas::interaction> interaction;
  std::optional<schemas::location> location;
  std::vector<contact_card> contact_cards;
  std::optional<schemas::order> order;
  std::optional<referral_info> referral;
  std::optional<forwarding> forwarded;
  std::optional<schemas::poll> poll;
  std::optional<schemas::mail> mail;
};

struct deletion {
  deletion_reason reason = deletion_reason::unsent;
};

struct reaction {
  reaction_action action = reaction_action::added;
  std::string emoji, name;
  std::vector<std::string> current;
  std::optional<std::int64_t> count;
};

struct receipt {
  receipt_status status = receipt_status::sent;
  std::string up_to, recipient_uri;
  struct error_info {
    std::string code, title;
    std::optional<bool> retryable;
  };
  std::optional<error_info> error;
  struct billing_info {
    std::string category, model;
    std::optional<money> amount;
  };
  std::optional<billing_info> billing;
  std::string url;                    // clicked: which
  std::vector<named_value> metadata;  // what the company gave the message along when it sent it
};

struct call {
  std::string id, parent_id;
  std::optional<call_state> state;
  std::optional<schemas::answered_by> answered_by;
  std::optional<timestamp> started_at, answered_at, ended_at;
  std::optional<milliseconds> duration;
  std::string cause, forwarded_from, attestation;
  struct queue_info {
    std::string id, result;  // result: the provider's word for how the wait ended
    std::optional<milliseconds> waited;
  };
  std::optional<queue_info> queue;
  std::vector<named_value> metadata{};  // what the company gave the call along
};

struct call_input {
  input_kind kind = input_kind::dtmf;
  std::string digits;
  std::optional<double> confidence;
  bool partial = false;
};

struct recording {
  recording_purpose purpose = recording_purpose::call;
};

struct transcript_segment {
  milliseconds start{}, end{};
  std::string speaker, text;
};
struct transcript {
  std::string by;
  std::optional<double> confidence;
  std::vector<transcript_segment> segments;
  bool partial = false;  // more of it, or a better one, follows
};

struct scale {
  double min = 0, max = 0;
  scale_best best = scale_best::max;
};
struct answer {
  std::string question_id, question, kind;
  std::optional<double> score;
  std::optional<schemas::scale> scale;
  std::vector<choice> choices;
  std::string text;
};
struct feedback {
  feedback_kind kind = feedback_kind::comment;
  struct survey_info {
    std::string id, version, response_id;
  };
  std::optional<survey_info> survey;
  std::optional<double> score;  // never without its scale
  std::optional<schemas::scale> scale;
  std::optional<bool> complete;
  std::vector<answer> answers;
  struct about_info {
    std::string kind, id;
  };
  std::optional<about_info> about;
};

struct form {
  std::string id, name;
  std::vector<field> fields;
};
struct payload {
  std::string content_type, text, blob;
};  // of a foreign event

struct visit {
  visit_state state = visit_state::arrived;
  std::string purpose, ticket;
  std::optional<std::int64_t> party_size;
};

struct callback {
  std::string phone_uri;
  std::optional<timestamp> from, until;
  std::string topic;
};

struct consent {
  consent_state state = consent_state::withdrawn;
  consent_scope scope = consent_scope::all;
  std::string applies_to, evidence;
  std::optional<timestamp> expires_at{};
};

struct membership {
  membership_state state = membership_state::joined;
  std::string member;
};

struct conversation_status {
  conversation_state state = conversation_state::open;
  std::string assignee, queue;
};

struct session {
  std::string id, page, referrer, reason;
};

struct link {
  link_relation relation = link_relation::same;
  std::string from, to;
  std::optional<timestamp> valid_from;
  std::string evidence_method, evidence_external_id;
};

struct erasure {
  std::string scope;
};
struct unsupported {
  std::string kind;
};

struct related_thing {
  rel relation = rel::about;
  std::string object_id, external_id, event_id;
};

struct event {
  // Envelope. Intake owns id, recorded_at, tenant, partition_key; the connector the rest.
  uuid id;
  event_type type = event_type::message_received;
  timestamp time{};
  timestamp recorded_at{};
  std::string tenant;
  std::string partition_key;
  std::string traceparent;

  schemas::channel channel = schemas::channel::chat;
  std::string provider, product;
  struct account_info {
    std::string id, uri, name;
  } account;
  struct source_info {
    std::string id, connector, connector_version;
  } source;
  schemas::capture capture = schemas::capture::automatic;
  std::optional<party> recorded_by;
  schemas::direction direction = schemas::direction::inbound;
  struct object_info {
    std::optional<uuid> id;
    std::string external_id, revision;
  } object;
  std::string delivery_id;
  std::vector<related_thing> related;
  struct authentication_info {
    std::string method;
    authentication_result result = authentication_result::pass;
  } authentication;
  std::optional<party> actor;
  std::vector<recipient> recipients;
  std::vector<std::string> reply_to;
  std::string customer_uri;
  struct conversation_info {
    std::string id;
    conversation_kind kind = conversation_kind::direct;
    std::string external_id, thread_id, subject;
    schemas::visibility visibility = schemas::visibility::private_;
    std::vector<std::string> alias_ids;
  } conversation;
  struct place_info {
    std::string store_id, device_id, timezone, country;
    std::optional<timestamp> device_time;  // what the device's clock showed, where `time` differs from it
  };
  std::optional<place_info> place;
  std::string text, text_unquoted, language;
  std::vector<attachment> attachments;
  std::optional<schemas::automated> automated;
  struct handling_info {
    std::optional<schemas::category> category;
    std::string priority;
    std::optional<timestamp> due_at;
    std::string decided_by;
  };
  std::optional<handling_info> handling;
  struct sequence_info {
    std::string scope, value;
  };
  std::optional<sequence_info> provider_sequence;
  std::vector<flag> flags;
  struct raw_info {
    std::string hmac;
    std::int64_t size = 0;
    std::string blob;
  };
  std::optional<raw_info> raw;
  struct origin_info {
    std::string id, source, type, subject, dataschema;
    std::vector<named_value> extensions{};
  };
  std::optional<origin_info> origin;

  // Blocks.
  std::optional<schemas::message> message;
  std::optional<schemas::deletion> deletion;
  std::optional<schemas::reaction> reaction;
  std::optional<schemas::receipt> receipt;
  std::optional<schemas::call> call;
  std::optional<call_input> input;
  std::optional<schemas::recording> recording;
  std::optional<schemas::transcript> transcript;
  std::optional<schemas::feedback> feedback;
  std::optional<schemas::form> form;
  std::optional<schemas::payload> payload;
  std::optional<schemas::visit> visit;
  std::optional<schemas::callback> callback;
  std::optional<schemas::consent> consent;
  std::optional<schemas::membership> membership;
  std::optional<conversation_status> status;
  std::optional<schemas::session> session;
  std::optional<referral_info> referral;
  std::optional<schemas::link> link;
  std::optional<schemas::erasure> erasure;
  std::optional<schemas::unsupported> unsupported;

  bool sensitive = false;   // datacategory
  bool restricted = false;  // dataclassification

  void add(flag f);  // once
};

}  // namespace switchboard::schemas

template <>
struct std::hash<switchboard::schemas::uuid> {
  std::size_t operator()(const switchboard::schemas::uuid& id) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, id.bytes.data(), sizeof halves);
    return halves[0] ^ halves[1];
  }
};
