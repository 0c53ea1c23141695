#include <gmock/gmock.h>

#include "connectors/common/xml.hpp"
#include "connectors/voice/twilio_voice/hook.hpp"
#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::twilio_voice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using tests::configure;
using tests::request;

constexpr std::string_view plain = R"({"connector":"twilio-voice","credentials":[{"auth_token":"t"}]})";
const std::string call = "CallSid=CA1&AccountSid=AC1&From=%2B14155550100&To=%2B14155550199&Direction=inbound";

struct answer {
  decoded what;
  response reply;
};
answer send(const tests::configured& source, std::string body, std::string token = "t1", std::string target = {}) {
  request r;
  r.body = std::move(body);
  r.target = std::move(target);
  r.headers = {{"content-type", "application/x-www-form-urlencoded"}, {"I-Twilio-Idempotency-Token", std::move(token)}};
  r.received_at = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z");
  const inbound view = r.view();
  decoded d = source.connector->decode(view, *source.prepared, {"AC1", "hmac-sha1"}, source.connector->limits);
  const std::vector<item_outcome> outcomes(d.items.size(), item_outcome::accepted);
  response reply = source.connector->reply(view, *source.prepared, d, outcomes);
  return {std::move(d), std::move(reply)};
}
const contact& fact(const answer& a, std::size_t n = 0) { return std::get<contact>(a.what.items.at(n)); }

std::string errors(std::string_view json) {
  try {
    configure(json);
    return "none";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}
std::string with_document(std::string_view document) {
  return R"({"connector":"twilio-voice","credentials":[{"auth_token":"t"}],"settings":{"twiml":{"incoming":")" +
         std::string(document) + R"("}}})";
}

void same_fact(const contact& a, const contact& b) {
  EXPECT_EQ(a.key, b.key);
  EXPECT_EQ(a.fingerprint, b.fingerprint);
  EXPECT_EQ(a.event.type, b.event.type);
}

TEST(twilio_voice_call, begins_and_ends_once_however_often_it_is_told) {
  const auto source = configure(plain);
  const auto in = send(source, call + "&CallStatus=ringing");
  same_fact(fact(in), fact(send(source, call + "&CallStatus=ringing&ErrorCode=11200&ErrorUrl=x", "t2")));
  same_fact(fact(in), fact(send(source, call + "&CallStatus=ringing&CallbackSource=call-progress-events", "t3")));

  const std::string over = call + "&CallStatus=completed&CallDuration=61";
  const auto end = send(source, over);
  EXPECT_EQ(fact(end).key, "CA1/ended");
  same_fact(fact(end),
            fact(send(source, over + "&Timestamp=Tue%2C+05+May+2026+09%3A59%3A50+%2B0000&CallbackSource=x", "t2")));
  EXPECT_NE(fact(end).fingerprint, fact(send(source, call + "&CallStatus=failed&CallDuration=0")).fingerprint)
      << "a second end that says something else is no duplicate";
  EXPECT_EQ(fact(send(source, call + "&CallStatus=completed&RecordingUrl=https%3A%2F%2Fa%2FRE1")).event.type,
            schemas::event_type::call_recorded)
      << "what a verb asks after the caller hung up is not the end of the call";
}

TEST(twilio_voice_call, of_a_leg_ends_once_by_its_own_callback_and_by_the_action_of_dial) {
  const auto source = configure(plain);
  const auto action = send(source, call + "&CallStatus=in-progress&DialCallSid=CA2&DialCallStatus=busy");
  const auto callback =
      send(source,
           "CallSid=CA2&ParentCallSid=CA1&From=%2B14155550100&To=%2B14155550177&Direction=outbound-dial"
           "&CallStatus=busy&CallbackSource=call-progress-events");
  same_fact(fact(action), fact(callback));
  EXPECT_EQ(fact(callback).event.call->parent_id, "CA1");
}

TEST(twilio_voice_recording, is_one_fact_in_the_action_and_in_the_callback) {
  const auto source = configure(plain);
  const std::string recorded = "&RecordingSid=RE1&RecordingUrl=https%3A%2F%2Fa%2FRE1&RecordingDuration=17";
  const auto action = send(source, call + "&CallStatus=completed" + recorded);
  const auto callback =
      send(source, "CallSid=CA1&AccountSid=AC1&RecordingStatus=completed&RecordingSource=RecordVerb" + recorded, "t2");
  same_fact(fact(action), fact(callback));
  EXPECT_EQ(fact(action).event.recording->purpose, schemas::recording_purpose::voicemail);
  EXPECT_EQ(fact(callback).event.recording->purpose, schemas::recording_purpose::voicemail);
  EXPECT_THAT(fact(action).conversation_aliases, ElementsAre(fact(callback).conversation))
      << "the callback, which does not say who called, is found by the call";

  const auto calls =
      configure(R"({"connector":"twilio-voice","credentials":[{"auth_token":"t"}],"settings":{"voicemail":false}})");
  EXPECT_EQ(fact(send(calls, call + recorded)).event.recording->purpose, schemas::recording_purpose::call);
}

TEST(twilio_voice_conversation, is_the_callers_from_call_to_call_and_the_call_of_a_hidden_one) {
  const auto source = configure(plain);
  const std::string again = "CallSid=CA2&AccountSid=AC1&From=%2B14155550100&To=%2B14155550199&CallStatus=ringing";
  EXPECT_EQ(fact(send(source, call + "&CallStatus=ringing")).conversation, fact(send(source, again)).conversation);
  EXPECT_THAT(fact(send(source, again)).conversation, ElementsAre("+14155550199", "tel:+14155550100"));
  EXPECT_THAT(fact(send(source, again)).conversation_aliases, ElementsAre(ElementsAre("call", "CA2")));
  const std::string out =
      "CallSid=CA3&From=%2B14155550199&To=%2B14155550100&Direction=outbound-api&CallStatus=initiated";
  EXPECT_EQ(fact(send(source, out)).conversation, fact(send(source, again)).conversation);
  for (const auto* hidden : {"anonymous", "Restricted", "%2B266696687", "%2B464", ""}) {
    const auto first = send(source, std::string("CallSid=CA1&To=%2B14155550199&CallStatus=ringing&From=") + hidden);
    const auto second = send(source, std::string("CallSid=CA2&To=%2B14155550199&CallStatus=ringing&From=") + hidden);
    EXPECT_THAT(fact(first).conversation, ElementsAre("call", "CA1")) << hidden;
    EXPECT_NE(fact(first).conversation, fact(second).conversation) << hidden;
  }
}

TEST(twilio_voice_gather, tells_a_retry_from_the_same_key_pressed_again) {
  const auto source = configure(plain);
  const std::string one = call + "&CallStatus=in-progress&Digits=1";
  same_fact(fact(send(source, one, "t1")), fact(send(source, one + "&ErrorCode=11200", "t1")));
  EXPECT_NE(fact(send(source, one, "t1")).key, fact(send(source, one, "t2")).key);
  EXPECT_EQ(fact(send(source, one, "")).key, "") << "without a token the content decides";
}

TEST(twilio_voice_quarantine, tells_whose_number_it_was) {
  const auto source = configure(plain);
  const auto account_of = [&](std::string body) {
    return std::get<item_rejected>(send(source, std::move(body)).what.items.at(0)).account;
  };
  const std::string ends = "CallStatus=ringing&AccountSid=AC1&From=%2B14155550100&To=%2B14155550199";
  EXPECT_EQ(account_of(ends + "&Direction=inbound").id, "+14155550199");
  EXPECT_EQ(account_of(ends + "&Direction=inbound").uri, "tel:+14155550199");
  EXPECT_EQ(account_of(ends + "&Direction=outbound-api").id, "+14155550100");
  EXPECT_EQ(account_of(ends + "&Direction=outbound-dial").id, "AC1") << "a leg that Twilio dialled";
}

TEST(twilio_voice_reply, is_the_document_whatever_became_of_the_event) {
  const auto source = configure(
      R"({"connector":"twilio-voice","credentials":[{"auth_token":"t"}],"settings":{"twiml.incoming":"<Response><Say>Hi</Say></Response>",
          "twiml":{"gather":"<Response><Redirect>/x?n={{From}}&amp;d={{Digits}}&amp;u={{Nothing}}&amp;e={{open</Redirect></Response>"}}})");
  EXPECT_EQ(send(source, "CallStatus=ringing").reply.body, "<Response><Say>Hi</Say></Response>") << "quarantined";
  EXPECT_EQ(send(source, call + "&CallStatus=in-progress&Digits=%3C%22%261").reply.body,
            "<Response><Redirect>/x?n=%2B14155550100&amp;d=%3C%22%261&amp;u=&amp;e={{open</Redirect></Response>");
  EXPECT_THAT(send(source, call + "&CallStatus=completed&CallDuration=1").reply.body, HasSubstr("<Response/>"));
}

TEST(twilio_voice_settings, report_what_is_no_document) {
  EXPECT_EQ(errors(with_document("<Response/>")), "none");
  EXPECT_EQ(errors(with_document(
                "<?xml version='1.0'?><!-- a & b --><Response><Say>a &amp; b &#228; &#xe4;</Say></Response>")),
            "none");
  EXPECT_THAT(errors(with_document("Hello")), HasSubstr("/settings/twiml/incoming: 'twiml.incoming' is no TwiML"));
  EXPECT_THAT(errors(with_document("<Response><Say>Hi</Response>")), HasSubstr("no TwiML"));
  EXPECT_THAT(errors(with_document("<Say>Hi</Say>")), HasSubstr("its one root element is not <Response>"));
  EXPECT_THAT(errors(with_document("<Response/><Response/>")), HasSubstr("root element"));
  EXPECT_THAT(errors(with_document("<!DOCTYPE Response [<!ENTITY a 'b'>]><Response/>")), HasSubstr("DTD"));
  EXPECT_THAT(errors(with_document("<Response><Say>a & b</Say></Response>")), HasSubstr("&amp;"));
  EXPECT_THAT(errors(with_document("<Response><Play>/x?a=1&b;=2</Play></Response>")), HasSubstr("&amp;"));
  EXPECT_THAT(errors(with_document("<Response><Gather action='/x?a=1&b=2'/></Response>")), HasSubstr("&amp;"));
  EXPECT_THAT(errors(with_document("<Response>" + std::string(70000, ' ') + "</Response>")), HasSubstr("64 KiB"));
  EXPECT_EQ(wrong_in_xml("<Response>\xff</Response>", "Response"), "it is not UTF-8");
  EXPECT_THAT(errors(R"({"connector":"twilio-voice","settings":{"twiml":{"later":"<Response/>"}}})"),
              testing::AllOf(HasSubstr("'twiml.later' is not known here"), HasSubstr("/credentials: no token")));
}

}  // namespace
}  // namespace switchboard::connectors::twilio_voice
