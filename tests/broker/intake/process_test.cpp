#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/intake/ids.hpp"
#include "broker/intake/pipeline.hpp"
#include "broker/intake/request_line.hpp"
#include "connectors/common/encoding.hpp"
#include "tests/broker/intake/tiny_connector.hpp"

namespace switchboard::intake::test {
namespace {

using connectors::item_outcome;
using connectors::reject_code;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

processed run(const std::string& lines, const source& from = tiny_source(),
              const environment& env = fixed_environment()) {
  const request r(lines);
  return process(from, r.in(), env);
}
const schemas::encoded_event& event_of(const processed& p, std::size_t i = 0) { return p.unit.messages.at(i).event; }

TEST(process, completes_an_event) {
  request r("msg|m1|tel:+1 (555) 010-9999|My order has not arrived.");
  r.headers.push_back({"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"});
  const auto p = process(tiny_source(), r.in(), fixed_environment());
  EXPECT_EQ(p.outcome, outcome::accepted);
  EXPECT_FALSE(p.code);
  ASSERT_EQ(p.unit.messages.size(), 1u);
  EXPECT_EQ(p.unit.items_decoded, 1u);
  EXPECT_EQ(p.unit.source, "tiny-main");
  EXPECT_THAT(p.items, ElementsAre(item_outcome::accepted));
  EXPECT_THAT(p.message_of_item, ElementsAre(0u));
  EXPECT_THAT(p.unit.messages[0].topics, ElementsAre("inbound"));
  EXPECT_TRUE(p.unit.messages[0].dedupe);
  EXPECT_NE(p.unit.messages[0].fingerprint, 0u);

  const auto& e = event_of(p);
  const auto s = tiny_source();
  EXPECT_EQ(e.id, event_id(s.name_space, "m1", "contact.message.received.v1", 0));
  EXPECT_EQ(at(e, "/event/tenant"), "acme");
  EXPECT_EQ(at(e, "/source/id"), "tiny-main");
  EXPECT_EQ(at(e, "/source/connector"), "tiny");
  EXPECT_EQ(at(e, "/source/connector_version"), "3");
  EXPECT_EQ(at(e, "/provider"), "tiny-provider");
  EXPECT_EQ(at(e, "/authentication/method"), "tiny");
  EXPECT_EQ(at(e, "/authentication/result"), "pass");
  EXPECT_EQ(at(e, "/customer_uri"), "tel:+15550109999");
  EXPECT_EQ(at(e, "/actor/identities/0/uri"), "tel:+15550109999");
  EXPECT_EQ(at(e, "/object/id"), schemas::to_string(object_id("acme", "tiny-provider", "m1")));
  EXPECT_EQ(at(e, "/conversation/id"),
            keyed_hash(*s.tenant, hash_purpose::conversation, {"tiny-provider", "account-1", "tel:+15550109999"}));
  EXPECT_EQ(at(e, "/raw/hmac"), keyed_hash(*s.tenant, hash_purpose::raw, {r.in().body}));
  EXPECT_EQ(at(e, "/raw/size"), std::to_string(r.in().body.size()));
  EXPECT_EQ(at(e, "/raw/blob"), "");
  EXPECT_EQ(e.key, at(e, "/conversation/id"));
  EXPECT_EQ(attribute(e, "subject"), at(e, "/conversation/id"));
  EXPECT_EQ(attribute(e, "traceparent"), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  EXPECT_EQ(attribute(e, "dataclassification"), "confidential");
  EXPECT_EQ(attribute(e, "datacategory"), "standard");
  EXPECT_EQ(at(e, "/flags"), "");
}

TEST(process, the_same_request_gives_the_same_bytes) {
  const auto a = run("msg|m1|tel:+15550109999|hi\nbad\nunknown:poll|u1||x");
  const auto b = run("msg|m1|tel:+15550109999|hi\nbad\nunknown:poll|u1||x");
  ASSERT_EQ(a.unit.messages.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(event_of(a, i).body, event_of(b, i).body);
    EXPECT_EQ(event_of(a, i).id, event_of(b, i).id);
  }
}

TEST(process, a_bad_traceparent_is_left_out) {
  request r("msg|m1||hi");
  r.headers.push_back({"traceparent", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"});
  EXPECT_EQ(attribute(event_of(process(tiny_source(), r.in(), fixed_environment())), "traceparent"), "");
}

TEST(process, refuses_who_does_not_belong) {
  request r("msg|m1||hi");
  r.headers = {{"X-Sign", "bad"}};
  auto p = process(tiny_source(), r.in(), fixed_environment());
  EXPECT_EQ(p.outcome, outcome::rejected);
  EXPECT_EQ(p.code, reject_code::bad_signature);
  EXPECT_THAT(p.unit.messages, IsEmpty());
  auto answer = reply(tiny_source(), r.in(), p, {});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body, R"({"error":{"code":"bad_signature","message":"X-Sign has to be good"}})");

  r.headers.clear();
  EXPECT_EQ(process(tiny_source(), r.in(), fixed_environment()).code, reject_code::missing_signature);

  r.method = "PUT";
  p = process(tiny_source(), r.in(), fixed_environment());
  EXPECT_EQ(p.code, reject_code::method_not_allowed);
  answer = reply(tiny_source(), r.in(), p, {});
  EXPECT_EQ(answer.status, 405);
  EXPECT_THAT(answer.headers, ElementsAre(std::pair<std::string, std::string>("Allow", "POST, GET, OPTIONS")));

  auto s = tiny_source();
  s.limits.body_bytes = 5;
  p = run("msg|m1||hi", s);
  EXPECT_EQ(p.code, reject_code::too_large);
  EXPECT_EQ(reply(s, r.in(), p, {}).status, 413);
}

TEST(process, skipping_the_verification_marks_the_event) {
  request r("msg|m1||hi");
  r.headers.clear();
  auto env = fixed_environment();
  env.skip_verify = true;
  const auto p = process(tiny_source(), r.in(), env);
  EXPECT_EQ(p.outcome, outcome::accepted);
  EXPECT_EQ(at(event_of(p), "/authentication/result"), "skipped");
  EXPECT_EQ(at(event_of(p), "/authentication/method"), "none");
}

TEST(process, a_replay_trusts_the_first_verdict) {
  request r("msg|m1||hi");
  r.headers.clear();
  auto env = fixed_environment();
  const schemas::verdict_info verdict{"hmac-sha256", schemas::authentication_result::pass, "device-9"};
  env.trusted = &verdict;
  const auto p = process(tiny_source(), r.in(), env);
  EXPECT_EQ(p.outcome, outcome::accepted);
  EXPECT_EQ(at(event_of(p), "/authentication/method"), "hmac-sha256");
  EXPECT_EQ(at(event_of(p), "/authentication/result"), "pass");
}

TEST(process, asks_for_a_key) {
  request r("msg|m1||hi");
  r.headers = {{"X-Sign", "fetch"}};
  const auto p = process(tiny_source(), r.in(), fixed_environment());
  EXPECT_EQ(p.outcome, outcome::needs_key);
  EXPECT_EQ(p.key_url, "https://keys.example/1");
  EXPECT_EQ(reply(tiny_source(), r.in(), p, {}).status, 503);

  struct keys : connectors::fetched_keys {
    std::optional<std::string> find(std::string_view) const override { return "key"; }
  } fetched;
  auto env = fixed_environment();
  env.keys = &fetched;
  EXPECT_EQ(process(tiny_source(), r.in(), env).outcome, outcome::accepted);
}

TEST(process, answers_a_handshake_and_keeps_nothing) {
  const request r("hello");
  const auto p = process(tiny_source(), r.in(), fixed_environment());
  EXPECT_EQ(p.outcome, outcome::control);
  EXPECT_THAT(p.unit.messages, IsEmpty());
  EXPECT_EQ(p.unit.items_decoded, 0u);
  EXPECT_EQ(reply(tiny_source(), r.in(), p, {}).body, "world");
}

TEST(process, one_bad_item_spoils_no_other) {
  const request r("msg|m1||hi\nbad\nmsg|m2||ho");
  const auto s = tiny_source();
  const auto p = process(s, r.in(), fixed_environment());
  EXPECT_EQ(p.outcome, outcome::accepted);
  EXPECT_EQ(p.unit.items_decoded, 3u);
  EXPECT_THAT(p.items, ElementsAre(item_outcome::accepted, item_outcome::quarantined, item_outcome::accepted));
  ASSERT_EQ(p.unit.messages.size(), 3u);
  const auto& record = event_of(p, 1);
  EXPECT_THAT(p.unit.messages[1].topics, ElementsAre("quarantine"));
  EXPECT_EQ(attribute(record, "type"), "switchboard.quarantine.v1");
  EXPECT_EQ(at(record, "/code"), "missing_field");
  EXPECT_EQ(at(record, "/pointer"), "/text");
  EXPECT_EQ(at(record, "/item"), "1");
  EXPECT_EQ(at(record, "/verdict/principal"), "device-1");
  EXPECT_EQ(record.id, quarantine_id(s.name_space, "POST", "/in/tiny", r.in().body, 1));

  const auto sealed = connectors::from_base64(at(record, "/inbound/sealed"));
  ASSERT_TRUE(sealed);
  const auto line = open(*s.tenant, *sealed);
  ASSERT_TRUE(line);
  const auto again = request_line::parse(*line);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->inbound().body, r.in().body);
  EXPECT_EQ(again->inbound().received_at, r.received_at);
  EXPECT_EQ(at(record, "/inbound/size"), std::to_string(line->size()));

  const journal::message_outcome outcomes[] = {journal::message_outcome::duplicate, journal::message_outcome::appended,
                                               journal::message_outcome::conflict};
  EXPECT_EQ(reply(s, r.in(), p, outcomes).body, "dqa");
}

TEST(process, what_cannot_be_read_is_kept_whole) {
  const request r("broken \xFF");
  const auto p = process(tiny_source(), r.in(), fixed_environment());
  EXPECT_EQ(p.outcome, outcome::quarantined);
  EXPECT_EQ(p.code, reject_code::malformed_body);
  EXPECT_EQ(p.unit.items_decoded, 1u);
  ASSERT_EQ(p.unit.messages.size(), 1u);
  EXPECT_EQ(at(event_of(p), "/item"), "");
  EXPECT_EQ(reply(tiny_source(), r.in(), p, {}).body, "whole;");
  const auto line = open(*tiny_source().tenant, *connectors::from_base64(at(event_of(p), "/inbound/sealed")));
  ASSERT_TRUE(line);
  EXPECT_EQ(request_line::parse(*line)->inbound().body, "broken \xFF");
}

TEST(process, nothing_found_is_not_ignored) {
  const auto p = run("");
  EXPECT_EQ(p.outcome, outcome::quarantined);
  EXPECT_EQ(p.code, reject_code::unknown_kind);
  EXPECT_EQ(p.unit.messages.size(), 1u);
  EXPECT_EQ(p.unit.items_decoded, 1u);
}

TEST(process, too_many_items_are_kept_as_one) {
  auto s = tiny_source();
  s.limits.items = 2;
  const request r("msg|1||a\nmsg|2||b\nmsg|3||c");
  const auto p = process(s, r.in(), fixed_environment());
  EXPECT_EQ(p.outcome, outcome::quarantined);
  EXPECT_EQ(p.code, reject_code::too_many_items);
  EXPECT_EQ(p.unit.messages.size(), 1u);
  EXPECT_EQ(p.unit.items_decoded, 1u);
  EXPECT_EQ(reply(s, r.in(), p, {}).body, "qqq");
}

TEST(process, the_account_decides_the_tenant) {
  auto s = tiny_source();
  s.accounts = {{"account-1", make_tenant("acme")},
                {"account-2", make_tenant("globex")},
                {"+15550783881", make_tenant("initech")}};
  s.tenant.reset();
  const auto p = run("msg|1||a\naccount:account-2|2||b\naccount:unknown|3||c", s);
  EXPECT_EQ(p.outcome, outcome::accepted);
  ASSERT_EQ(p.unit.messages.size(), 3u);
  EXPECT_EQ(at(event_of(p, 0), "/event/tenant"), "acme");
  EXPECT_EQ(at(event_of(p, 1), "/event/tenant"), "globex");
  EXPECT_EQ(at(event_of(p, 2), "/event/tenant"), "initech") << "by the account's URI";

  const auto bad = run("bad:account-2|4||d\nbad|5||e\nbad:unknown|6||f", s);
  ASSERT_EQ(bad.unit.messages.size(), 3u);
  EXPECT_EQ(at(event_of(bad, 0), "/event/tenant"), "globex") << "quarantined, and known whose it is";
  EXPECT_EQ(at(event_of(bad, 1), "/event/tenant"), "");
  EXPECT_EQ(at(event_of(bad, 2), "/event/tenant"), "");

  s.accounts.erase("+15550783881");
  const auto q = run("account:unknown|3||c", s);
  EXPECT_EQ(q.outcome, outcome::quarantined);
  EXPECT_EQ(q.code, reject_code::unmapped_account);
  EXPECT_EQ(at(event_of(q), "/event/tenant"), "");
  EXPECT_EQ(at(event_of(q), "/code"), "unmapped_account");
  EXPECT_TRUE(open(*make_tenant("acme"), *connectors::from_base64(at(event_of(q), "/inbound/sealed"))))
      << "the first by id owns it";
}

TEST(process, unsupported_items_are_events_with_their_bytes_sealed) {
  const auto s = tiny_source();
  const request r("unknown:poll|u1|tel:+15550109999|what?");
  const auto p = process(s, r.in(), fixed_environment());
  EXPECT_EQ(p.outcome, outcome::accepted);
  EXPECT_THAT(p.items, ElementsAre(item_outcome::unsupported));
  const auto& e = event_of(p);
  EXPECT_EQ(attribute(e, "type"), "contact.unsupported.v1");
  EXPECT_EQ(at(e, "/unsupported/kind"), "poll");
  EXPECT_EQ(attribute(e, "dataclassification"), "restricted");
  EXPECT_NE(e.id, event_id(s.name_space, "u1", "contact.unsupported.v1", 0)) << "a name space of its own";
  ASSERT_EQ(p.unit.blobs.size(), 1u);
  EXPECT_EQ(at(e, "/raw/blob"), "blob:" + p.unit.blobs[0].reference);
  EXPECT_EQ(open(*s.tenant, p.unit.blobs[0].bytes), "unknown:poll|u1|tel:+15550109999|what?");
}

TEST(process, attachments_become_blobs) {
  const auto p = run("file:100|f1||see\nfile:300000|f2||see\nfile:100|f3||again");
  ASSERT_EQ(p.unit.messages.size(), 3u);
  ASSERT_EQ(p.unit.blobs.size(), 1u) << "the same bytes once";
  ASSERT_EQ(p.large_blobs.size(), 1u);
  const auto& e = event_of(p);
  const auto hex = to_hex(sha256({std::string(100, 'x')}));
  EXPECT_EQ(p.unit.blobs[0].reference, "acme/20261122/" + hex);
  EXPECT_EQ(at(e, "/attachments/0/blob"), "blob:acme/20261122/" + hex);
  EXPECT_EQ(at(e, "/attachments/0/sha256"), hex);
  EXPECT_EQ(at(e, "/attachments/0/size"), "100");
  EXPECT_EQ(at(e, "/attachments/0/state"), "stored");
  EXPECT_EQ(at(e, "/attachments/0/blob_expires_at"), "2026-12-22T00:00:00.000Z");
  EXPECT_EQ(at(event_of(p, 1), "/attachments/0/blob"), "blob:" + p.large_blobs[0].first);
  EXPECT_EQ(p.large_blobs[0].second.size(), 300000u);
}

TEST(process, an_attachment_is_what_its_bytes_are) {
  const auto p =
      run("typed:application/pdf|a|tel:+15550109999|%PDF-1.7 x\ntyped:Image/PNG; a=b|b|tel:+15550109999|%PDF-1.7 "
          "x\ntyped:image/png|c|tel:+15550109999|\1\2\n"
          "typed:|d|tel:+15550109999|%PDF-1.7 x\ntyped:application/x-own|e|tel:+15550109999|\1\2");
  EXPECT_EQ(at(event_of(p, 0), "/attachments/0/detected_type"), "application/pdf");
  EXPECT_EQ(at(event_of(p, 0), "/flags"), "");
  EXPECT_EQ(at(event_of(p, 1), "/attachments/0/detected_type"), "application/pdf");
  EXPECT_EQ(at(event_of(p, 1), "/flags"), R"(["type_mismatch"])");
  EXPECT_EQ(at(event_of(p, 2), "/attachments/0/detected_type"), "") << "nothing that is known";
  EXPECT_EQ(at(event_of(p, 2), "/flags"), R"(["type_mismatch"])");
  EXPECT_EQ(at(event_of(p, 3), "/flags"), "") << "who says nothing does not lie";
  EXPECT_EQ(at(event_of(p, 4), "/flags"), "");
}

TEST(process, many_small_attachments_do_not_make_the_unit_large) {
  std::string body;
  for (int i = 0; i < 50; ++i) {
    const auto n = std::to_string(i);
    body += "file:" + std::to_string(200'000 + i) + "|f" + n + "||" + n + "\n";
  }
  const auto p = run(body);
  std::size_t in_unit = 0;
  for (const auto& blob : p.unit.blobs) in_unit += blob.bytes.size();
  EXPECT_LE(in_unit, 8u << 20);
  EXPECT_EQ(p.unit.blobs.size() + p.large_blobs.size(), 50u);
}

TEST(process, long_texts_are_cut_and_kept_as_blobs) {
  auto s = tiny_source();
  s.limits.text_bytes = 1001;
  const auto p = run("long:5000|l1|tel:+15550109999|", s);
  const auto& e = event_of(p);
  EXPECT_EQ(at(e, "/text").size(), 1000u) << "between two characters";
  EXPECT_EQ(at(e, "/flags"), R"(["truncated"])");
  EXPECT_EQ(at(e, "/attachments/0/id"), "full-text");
  EXPECT_EQ(at(e, "/attachments/0/size"), "5000");
  EXPECT_EQ(at(e, "/attachments/0/role"), "body");
  ASSERT_EQ(p.unit.blobs.size(), 1u);
  EXPECT_EQ(p.unit.blobs[0].bytes.size(), 5000u);

  s.limits.text_bytes = 1 << 20;
  const auto q = run("long:400000|l2||", s);
  EXPECT_EQ(q.outcome, outcome::accepted);
  EXPECT_EQ(schemas::excess(event_of(q)), 0u);
  EXPECT_GT(at(event_of(q), "/text").size(), 200000u);
  ASSERT_EQ(q.large_blobs.size(), 1u);
  EXPECT_EQ(q.large_blobs[0].second.size(), 400000u);
}

TEST(process, what_no_cut_makes_fit_goes_to_quarantine) {
  const auto p = run("wide|w1||x");
  EXPECT_EQ(p.outcome, outcome::quarantined);
  EXPECT_EQ(p.code, reject_code::too_large);
  EXPECT_EQ(at(event_of(p), "/code"), "too_large");
}

TEST(process, a_large_original_is_a_blob_and_stands_once) {
  const auto s = tiny_source();
  const request r("bad\nbad\nbad\nmsg|m||" + std::string(200000, 'z'));
  const auto p = process(s, r.in(), fixed_environment());
  ASSERT_EQ(p.unit.messages.size(), 4u);
  EXPECT_EQ(at(event_of(p, 0), "/inbound/sealed"), "");
  EXPECT_EQ(at(event_of(p, 0), "/inbound/blob"), at(event_of(p, 2), "/inbound/blob"));
  EXPECT_EQ(p.unit.blobs.size() + p.large_blobs.size(), 2u) << "the original and the whole of the long text";
}

TEST(process, raw_copies_where_the_source_keeps_them) {
  auto s = tiny_source();
  s.store_raw = true;
  const auto p = run("msg|m1||hi\nbad", s);
  EXPECT_EQ(p.unit.items_decoded, 2u) << "a copy is no item";
  ASSERT_EQ(p.unit.messages.size(), 3u);
  const auto& raw = event_of(p, 2);
  EXPECT_THAT(p.unit.messages[2].topics, ElementsAre("raw"));
  EXPECT_EQ(at(raw, "/event_ids"), "[\"" + schemas::to_string(event_of(p, 0).id) + "\"]");
  EXPECT_THAT(at(raw, "/inbound/blob"), HasSubstr("blob:acme/20261122/")) << "the quarantine record holds it inline";
}

TEST(process, derived_facts_point_to_what_they_derive_from) {
  const auto p = run("msg|m1|tel:+15550109999|STOP\nstop|m1|tel:+15550109999|");
  ASSERT_EQ(p.unit.messages.size(), 2u);
  EXPECT_NE(event_of(p, 0).id, event_of(p, 1).id) << "the type is in the id";
  EXPECT_EQ(at(event_of(p, 1), "/related/0/rel"), "derived_from");
  EXPECT_EQ(at(event_of(p, 1), "/related/0/event_id"), schemas::to_string(event_of(p, 0).id));
  const auto q = run("bad\nstop|m1|tel:+15550109999|");
  EXPECT_EQ(at(event_of(q, 1), "/related"), "") << "what was rejected is no event";
}

TEST(process, related_things_of_the_provider_get_their_object_id) {
  const auto p = run("reply:m0|m1||hi");
  EXPECT_EQ(at(event_of(p), "/related/0/object_id"), schemas::to_string(object_id("acme", "tiny-provider", "m0")));
}

TEST(process, flags_say_what_was_done) {
  const std::string who = "tel:+15550109999";
  EXPECT_EQ(at(event_of(run("ahead|m1|" + who + "|x")), "/flags"), R"(["skewed"])");
  EXPECT_EQ(at(event_of(run("ahead|m1|" + who + "|x")), "/event/time"), "2026-11-22T09:21:04.412Z")
      << "the time is kept";
  EXPECT_EQ(at(event_of(run("notime|m1|" + who + "|x")), "/flags"), R"(["time_from_receipt"])");
  EXPECT_EQ(at(event_of(run("notime|m1|" + who + "|x")), "/event/time"), "2026-11-22T09:15:04.412Z");
  EXPECT_EQ(at(event_of(run("msg|m1||x")), "/flags"), R"(["conversation_unresolved"])");
  EXPECT_EQ(at(event_of(run("msg||" + who + "|x")), "/flags"), R"(["id_from_content"])");
  EXPECT_EQ(at(event_of(run("msg|m1|" + who + "|4111 1111 1111 1111")), "/flags"), R"(["masked"])");
  EXPECT_EQ(at(event_of(run("msg|m1|" + who + "|4111 1111 1111 1111")), "/text"), "**** **** **** 1111");
  EXPECT_EQ(attribute(event_of(run("msg|m1|" + who + "|4111 1111 1111 1111")), "dataclassification"), "restricted");
  auto s = tiny_source();
  s.test = true;
  EXPECT_EQ(at(event_of(run("msg|m1|" + who + "|x", s)), "/flags"), R"(["test"])");
}

TEST(process, without_a_key_the_content_makes_the_id) {
  const auto id = [](const std::string& line) { return event_of(run(line)).id; };
  EXPECT_EQ(id("msg||tel:+15550109999|x"), id("msg||tel:+15550109999|x"));
  EXPECT_NE(id("msg||tel:+15550109999|x"), id("msg||tel:+15550109999|y"));
  EXPECT_NE(id("msg||tel:+15550109999|x"), id("msg||tel:+15550109998|x"));
  const auto twins = run("nothing||tel:+15550109999|x\nnothing||tel:+15550109999|x");
  EXPECT_NE(event_of(twins, 0).id, event_of(twins, 1).id) << "nothing tells them apart but their place";
}

TEST(process, the_key_is_the_conversation_or_the_party) {
  const std::string line = "msg|m1|tel:+15550109999|x";
  auto s = tiny_source();
  EXPECT_EQ(event_of(run(line, s)).key, at(event_of(run(line, s)), "/conversation/id"));
  s.key = key_by::party;
  EXPECT_EQ(event_of(run(line, s)).key, keyed_hash(*s.tenant, hash_purpose::party, {"tel:+15550109999"}));
  EXPECT_EQ(attribute(event_of(run(line, s)), "subject"), at(event_of(run(line, s)), "/conversation/id"));
  EXPECT_EQ(event_of(run("msg|m1||x", s)).key, at(event_of(run("msg|m1||x", s)), "/conversation/id"))
      << "no customer known";
}

TEST(process, aliases_are_the_ids_under_the_other_identifiers) {
  const auto p = run("alias:US.1|m1|tel:+15550109999|x");
  const auto s = tiny_source();
  EXPECT_EQ(at(event_of(p), "/conversation/alias_ids"),
            "[\"" + keyed_hash(*s.tenant, hash_purpose::conversation, {"tiny-provider", "account-1", "US.1"}) + "\"]");
}

TEST(process, our_own_token_names_the_conversation) {
  const auto s = tiny_source();
  const auto p = run("token:mfzxg5dfojuw4z3tmvzxg2lpny|m1|tel:+15550109999|x");
  EXPECT_EQ(at(event_of(p), "/conversation/id"), "mfzxg5dfojuw4z3tmvzxg2lpny");
  EXPECT_EQ(event_of(p).key, "mfzxg5dfojuw4z3tmvzxg2lpny");
  EXPECT_EQ(at(event_of(p), "/conversation/alias_ids"),
            "[\"" + at(event_of(run("msg|m1|tel:+15550109999|x")), "/conversation/id") + "\"]");
  const auto alone = run("token:mfzxg5dfojuw4z3tmvzxg2lpny|m1||x");
  EXPECT_EQ(at(event_of(alone), "/conversation/alias_ids"), "");
  EXPECT_EQ(at(event_of(alone), "/flags"), "") << "it is not unresolved";
}

TEST(process, sequences_are_the_sources_own) {
  const auto p = run("counted:kiosk-7|m1||x");
  ASSERT_TRUE(p.unit.messages[0].sequence);
  EXPECT_EQ(p.unit.messages[0].sequence->scope, "6c1f7a70-6d5e-4f0a-9b0e-2f6a0d9d3c11/kiosk-7");
  EXPECT_EQ(p.unit.messages[0].sequence->value, 7u);
}

TEST(process, digits_of_one_call_are_masked_after_the_sixth) {
  const auto p = run(
      "digits:12345|d1||call-1\ndigits:6789|d2||call-1\ndigits:99999999|d3||call-2\ndigits:1234567890|d4|zip|call-3");
  ASSERT_EQ(p.unit.messages.size(), 4u);
  EXPECT_EQ(at(event_of(p, 0), "/input/digits"), "12345");
  EXPECT_EQ(at(event_of(p, 1), "/input/digits"), "6***");
  EXPECT_EQ(at(event_of(p, 1), "/flags"), R"(["conversation_unresolved","masked"])");
  EXPECT_EQ(at(event_of(p, 2), "/input/digits"), "999999**");
  EXPECT_EQ(at(event_of(p, 3), "/input/digits"), "123456****");
  auto s = tiny_source();
  s.unmasked_prompts = {"zip"};
  EXPECT_EQ(at(event_of(run("digits:1234567890|d4|zip|call-3", s)), "/input/digits"), "1234567890");
  s.call_digits = 0;
  EXPECT_EQ(at(event_of(run("digits:4111|d5||call-4", s)), "/input/digits"), "****")
      << "a card asked for group by group";
  EXPECT_EQ(at(event_of(run("digits:1234567890|d4|zip|call-3", s)), "/input/digits"), "1234567890");
}

TEST(process, rules_decide_and_add_topics) {
  auto s = tiny_source();
  rule late{.name = "late-orders", .when = {{"text", {"not arrived"}}, {"channel", {"sms", "chat"}}}};
  late.category = schemas::category::complaint;
  late.priority = "high";
  late.due_within = std::chrono::hours(1);
  rule complaints{.name = "complaints", .when = {{"category", {"complaint"}}}};
  complaints.also_to = {"complaints"};
  s.rules = {late, complaints};
  const auto p = run("msg|m1||My order has NOT arrived.\nmsg|m2||thanks\ncomplaint|m3||bad", s);
  EXPECT_EQ(attribute(event_of(p, 0), "category"), "complaint");
  EXPECT_EQ(at(event_of(p, 0), "/handling/decided_by"), "rule late-orders");
  EXPECT_EQ(at(event_of(p, 0), "/handling/due_at"), "2026-11-22T10:15:04.000Z");
  EXPECT_THAT(p.unit.messages[0].topics, ElementsAre("inbound", "complaints"));
  EXPECT_EQ(at(event_of(p, 1), "/handling"), "");
  EXPECT_THAT(p.unit.messages[1].topics, ElementsAre("inbound"));
  EXPECT_EQ(at(event_of(p, 2), "/handling/decided_by"), "customer");
  EXPECT_THAT(p.unit.messages[2].topics, ElementsAre("inbound", "complaints"));
}

TEST(process, superseding_events_name_what_they_replace) {
  auto env = fixed_environment();
  const auto first = run("msg|m1||x");
  env.supersede = "2";
  const auto p = run("msg|m1||x", tiny_source(), env);
  EXPECT_EQ(event_of(p).id, superseding_id(event_of(first).id, "2"));
  EXPECT_EQ(at(event_of(p), "/related/0/rel"), "supersedes");
  EXPECT_EQ(at(event_of(p), "/related/0/event_id"), schemas::to_string(event_of(first).id));
  EXPECT_EQ(at(event_of(p), "/object/revision"), "2");
  EXPECT_EQ(at(event_of(p), "/object/id"), at(event_of(first), "/object/id"));
}

TEST(process, the_url_that_signatures_cover) {
  auto s = tiny_source();
  EXPECT_EQ(called_url(s, "/in/x?a=1", "https", "api.example"), "https://api.example/in/x?a=1");
  s.public_url = "https://contact.example:8443";
  EXPECT_EQ(called_url(s, "/in/x?a=1", "http", "10.0.0.1"), "https://contact.example:8443/in/x?a=1");
}

TEST(process, sets_a_request_aside_as_one_record) {
  auto s = tiny_source();
  s.store_raw = true;
  const request r("msg|m1||hi\nbad|m2||x\nmsg|m3||ho");
  const auto first = process(s, r.in(), fixed_environment());
  const auto p = set_aside(s, r.in(), fixed_environment(), first, reject_code::too_large);
  EXPECT_EQ(p.outcome, outcome::quarantined);
  EXPECT_EQ(p.code, reject_code::too_large);
  EXPECT_EQ(p.unit.source, "tiny-main");
  EXPECT_EQ(p.unit.items_decoded, 1u);
  ASSERT_EQ(p.unit.messages.size(), 2u);
  EXPECT_EQ(event_of(p).topic, schemas::topic_class::quarantine);
  EXPECT_EQ(event_of(p, 1).topic, schemas::topic_class::raw);
  EXPECT_EQ(at(event_of(p), "/verdict/method"), "tiny");
  EXPECT_EQ(at(event_of(p), "/verdict/principal"), "device-1");
  EXPECT_THAT(p.unit.blobs, IsEmpty());
  ASSERT_EQ(p.large_blobs.size(), 1u);
  EXPECT_EQ(at(event_of(p), "/inbound/blob"), "blob:" + p.large_blobs[0].first);
  EXPECT_THAT(p.items, ElementsAre(item_outcome::quarantined, item_outcome::quarantined, item_outcome::quarantined));
  EXPECT_THAT(p.message_of_item, ElementsAre(0u, 0u, 0u));
  EXPECT_EQ(event_of(set_aside(s, r.in(), fixed_environment(), first, reject_code::too_large)).id, event_of(p).id)
      << "a retry is a duplicate";
}

TEST(process, becomes_no_more_than_the_largest_unit) {
  auto s = tiny_source();
  s.store_raw = true;
  s.limits.body_bytes = 64u << 10;
  s.limits.items = 48;
  const auto encoded = [](const processed& p) {
    std::uint64_t bytes = 0;
    for (const auto& m : p.unit.messages) {
      bytes += 256 + m.event.body.size() + m.event.key.size();
      for (const auto& a : m.event.attributes) bytes += a.name.size() + a.value.size() + 20;
    }
    for (const auto& b : p.unit.blobs) bytes += b.reference.size() + b.bytes.size() + 20;
    return bytes;
  };
  for (const std::string kind : {"msg", "unknown:poll", "bad", "complaint"}) {
    std::string lines;
    for (std::size_t i = 0; i < s.limits.items; ++i) {
      lines += (i == 0 ? "" : "\n") + kind + "|k" + std::to_string(i) + "|tel:+15550109999|";
      lines.append((i + 1) * s.limits.body_bytes / s.limits.items - lines.size(), '"');
    }
    ASSERT_LE(lines.size(), s.limits.body_bytes);
    const auto p = run(lines, s);
    ASSERT_EQ(p.items.size(), s.limits.items) << kind;
    EXPECT_LE(encoded(p), largest_unit(s.limits)) << kind;
    EXPECT_GT(encoded(p), largest_unit(s.limits) / 10) << kind;
  }
}

}  // namespace
}  // namespace switchboard::intake::test
