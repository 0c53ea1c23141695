#include "broker/intake/identities.hpp"

#include <gtest/gtest.h>

namespace switchboard::intake {
namespace {

schemas::event from_vietnam() {
  schemas::event e;
  e.provider = "twilio";
  e.account = {"AC1", "tel:+84 24 1234 5678", {}};
  return e;
}

TEST(identities, the_companys_end_gives_the_calling_code) {
  auto e = from_vietnam();
  e.customer_uri = "tel:0901 234 567";
  e.actor.emplace().identities = {{"tel:0901-234-567", true, false}, {"mailto:Lan@Example.COM", false, false}};
  e.recipients.push_back({{}, schemas::recipient_as::to});
  e.recipients[0].who.identities = {{"tel:+84 24 1234 5678", true, false}};
  e.reply_to = {"mailto:A@B.c", "mailto:none"};
  e.callback.emplace().phone_uri = "tel:0901234567";
  e.receipt.emplace().recipient_uri = "tel:0901234567";
  e.link.emplace().from = "tel:0901234567";
  e.link->to = "whatsapp:84901234567";
  normalise_identities(e);
  EXPECT_EQ(e.account.uri, "tel:+842412345678");
  EXPECT_EQ(e.customer_uri, "tel:+84901234567");
  EXPECT_EQ(e.actor->identities[0].uri, "tel:+84901234567");
  EXPECT_EQ(e.actor->identities[1].uri, "mailto:lan@example.com");
  EXPECT_EQ(e.recipients[0].who.identities[0].uri, "tel:+842412345678");
  EXPECT_EQ(e.reply_to, std::vector<std::string>{"mailto:a@b.c"});
  EXPECT_EQ(e.callback->phone_uri, "tel:+84901234567");
  EXPECT_EQ(e.receipt->recipient_uri, "tel:+84901234567");
  EXPECT_EQ(e.link->from, "tel:+84901234567");
  EXPECT_EQ(e.link->to, "whatsapp:+84901234567");
}

TEST(identities, what_is_no_number_is_the_providers) {
  auto e = from_vietnam();
  e.customer_uri = "tel:72345";
  e.actor.emplace().identities = {
      {"tel:ACME Shop", true, false}, {"tel:anonymous", true, false}, {"", true, false}, {"no uri", true, false}};
  normalise_identities(e);
  EXPECT_EQ(e.customer_uri, "twilio:AC1/72345");
  ASSERT_EQ(e.actor->identities.size(), 1u) << "hidden and malformed ones are none";
  EXPECT_EQ(e.actor->identities[0].uri, "twilio:AC1/ACME%20Shop");
}

TEST(identities, what_was_derived_is_never_verified) {
  auto e = from_vietnam();
  e.actor.emplace().identities = {{"tel:+84901234567", true, true}, {"whatsapp:+84901234567", true, false}};
  normalise_identities(e);
  EXPECT_FALSE(e.actor->identities[0].verified);
  EXPECT_TRUE(e.actor->identities[1].verified);
}

TEST(identities, parts_of_a_conversation_are_spelt_alike) {
  auto e = from_vietnam();
  normalise_identities(e);
  std::vector<std::string> parts{"AC1",       "tel:0901 234 567", "mailto:A@B.c", "whatsapp:84901234567",
                                 "telephone", "0901 234 567",     "tel:?"};
  normalise_parts(e, parts);
  EXPECT_EQ(parts, (std::vector<std::string>{"AC1", "tel:+84901234567", "mailto:a@b.c", "whatsapp:+84901234567",
                                             "telephone", "0901 234 567", "twilio:AC1/%3F"}));
}

}  // namespace
}  // namespace switchboard::intake
