#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <limits>
#include <random>

#include "connectors/common/authorization.hpp"
#include "connectors/common/crypto.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/common/fingerprint.hpp"
#include "connectors/common/form.hpp"
#include "connectors/common/json.hpp"
#include "connectors/common/sample.hpp"
#include "connectors/common/settings.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"
#include "connectors/common/url.hpp"
#include "connectors/registry.hpp"

namespace switchboard::connectors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string random_bytes(std::mt19937& random, std::size_t size) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

TEST(registry, names_are_those_of_the_definitions_and_complete) {
  ASSERT_FALSE(all().empty());
  for (const connector* each : all()) {
    EXPECT_EQ(find(each->name), each);
    EXPECT_FALSE(each->samples.empty()) << each->name;
    EXPECT_FALSE(each->emits.empty()) << each->name;
    EXPECT_FALSE(each->methods.empty()) << each->name;
    EXPECT_FALSE(each->title.empty());
    EXPECT_TRUE(each->prepare && each->verify && each->decode && each->reply && each->sign) << each->name;
  }
  EXPECT_EQ(find("no such connector"), nullptr);
}

TEST(codes, each_has_a_name_of_its_own) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < reject_code_count; ++i) names.push_back(to_string(static_cast<reject_code>(i)));
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  EXPECT_EQ(to_string(reject_code::too_large), "too_large");
}

TEST(headers, are_found_without_case) {
  const header headers[] = {{"X-Twilio-Signature", "a"}, {"x-twilio-signature", "b"}};
  const inbound request{.headers = headers};
  EXPECT_EQ(request.find("x-TWILIO-signature"), "a");
  EXPECT_EQ(request.find("x-twilio"), std::nullopt);
}

// RFC 4231, test cases 1 and 6; RFC 2202, test case 2.
TEST(mac, gives_the_published_values) {
  EXPECT_EQ(to_hex(mac(digest::sha256, std::string(20, '\x0b'), {"Hi ", "There"}).bytes()),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(
      to_hex(mac(digest::sha256, std::string(131, '\xaa'), {"Test Using Larger Than Block-Size Key - Hash Key First"})
                 .bytes()),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(to_hex(mac(digest::sha1, "Jefe", {"what do ya want for nothing?"}).bytes()),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST(mac, is_compared_as_hex_of_either_case) {
  const std::string_view hex = "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9";
  const std::string_view text = "The quick brown fox jumps over the lazy dog";
  EXPECT_EQ(hex_mac_matches(hex, digest::sha1, "key", {text}), true);
  EXPECT_EQ(
      hex_mac_matches("DE7C9B85B8B78AA6BC8A7A36F70A90701C9DB4D9", digest::sha1, "key", {"The quick", text.substr(9)}),
      true);
  EXPECT_EQ(hex_mac_matches(hex, digest::sha1, "other", {text}), false);
  EXPECT_EQ(hex_mac_matches(hex, digest::sha256, "key", {text}), std::nullopt) << "of another length";
  EXPECT_EQ(hex_mac_matches("", digest::sha1, "key", {text}), std::nullopt);
  EXPECT_EQ(hex_mac_matches("xe7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9", digest::sha1, "key", {text}), std::nullopt);
}

TEST(authorization, is_read_by_its_scheme) {
  const auto with = [](std::string_view value, auto&& read) {
    const header headers[] = {{"AUTHORIZATION", value}};
    inbound request;
    request.headers = headers;
    return std::optional<std::string>(read(request));
  };
  EXPECT_EQ(with("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", basic_credentials), "Aladdin:open sesame");  // RFC 7617
  EXPECT_EQ(with("basic  QWxhZGRpbjpvcGVuIHNlc2FtZQ==", basic_credentials), "Aladdin:open sesame");
  for (std::string_view wrong :
       {"Basic", "Basic ", "Basic !", "Basic QWxhZGRpbg==", "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", ""})
    EXPECT_EQ(with(wrong, basic_credentials), std::nullopt) << wrong;
  EXPECT_EQ(with("bearer a.b-c", bearer_token), "a.b-c");
  for (std::string_view wrong : {"Bearer", "Bearer  ", "Bearera", "Basic a"})
    EXPECT_EQ(with(wrong, bearer_token), std::nullopt) << wrong;
  EXPECT_EQ(basic_credentials(inbound{}), std::nullopt);
}

TEST(comparison, looks_at_the_length_first) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
  EXPECT_FALSE(equal_in_constant_time("", "a"));
}

// RFC 8032, test 1 with its signature over the empty message.
TEST(ed25519, signs_and_verifies_as_published) {
  const auto seed = *from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const auto key = *from_base64("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  const key_handle secret = ed25519_private_key(seed), open = ed25519_public_key(key);
  ASSERT_TRUE(secret && open);
  const std::string signature = ed25519_sign(*secret, "");
  EXPECT_EQ(to_hex(signature),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b");
  EXPECT_TRUE(ed25519_verify(*open, signature, ""));
  EXPECT_FALSE(ed25519_verify(*open, signature, "x"));
  EXPECT_FALSE(ed25519_verify(*open, signature.substr(1), ""));
  EXPECT_EQ(ed25519_public_key("short"), nullptr);
}

TEST(base64, is_strict) {
  EXPECT_EQ(from_base64("aGk="), "hi");
  EXPECT_EQ(from_base64(""), "");
  for (const auto* wrong : {"aGk", "aGk==", "aGl=", "a", "aGk=aGk=", "aG k=", "aGk=\n", "a-_=", "====", "="})
    EXPECT_EQ(from_base64(wrong), std::nullopt) << wrong;
  EXPECT_EQ(from_base64("aG=="), std::nullopt) << "stray bits";
  EXPECT_EQ(from_base64("aGk", padding::optional), "hi");
  EXPECT_EQ(from_base64("aGk=", padding::optional), "hi");
}

TEST(encodings, round_trip) {
  std::mt19937 random(7);
  for (std::size_t size = 0; size < 100; ++size) {
    const std::string bytes = random_bytes(random, size);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
  }
  EXPECT_EQ(from_hex("0G"), std::nullopt);
  EXPECT_EQ(from_hex("abc"), std::nullopt);
  EXPECT_EQ(from_hex("AbfF"), "\xab\xff");
}

TEST(form, keeps_order_duplicates_and_bytes) {
  const auto f = form::parse("a=1&b=x%20y+z&a=2&&c&d=%E2%82%AC&e=%zz%4&=n&f=a=b");
  ASSERT_TRUE(f);
  std::vector<std::pair<std::string_view, std::string_view>> all;
  for (const auto& [name, value] : f->parameters()) all.emplace_back(name, value);
  EXPECT_THAT(all,
              ElementsAre(std::pair("a", "1"), std::pair("b", "x y z"), std::pair("a", "2"), std::pair("c", ""),
                          std::pair("d", "€"), std::pair("e", "%zz%4"), std::pair("", "n"), std::pair("f", "a=b")));
  EXPECT_EQ(f->find("c"), "");
  EXPECT_EQ(f->find("absent"), std::nullopt);
  EXPECT_EQ(form::parse(std::string(form::most_parameters, '&')).error(), reject_code::too_many_items);
  EXPECT_TRUE(form::parse("")->parameters().empty());
}

TEST(json, is_refused_beyond_its_limits) {
  const auto why = [](std::string_view text, std::size_t depth = 64) -> std::string_view {
    const auto parsed = json::parse_copy(text, depth);
    return parsed ? "fine" : to_string(parsed.error());
  };
  EXPECT_EQ(why(R"({"a":[1,2,{"b":"é"}]})"), "fine");
  EXPECT_EQ(why(std::string(63, '[') + std::string(63, ']')), "fine");
  EXPECT_EQ(why(std::string(65, '[') + std::string(65, ']')), "too_deep");
  EXPECT_NE(why(std::string(100000, '[')), "fine");
  EXPECT_EQ(why("[1]", 2), "fine");
  EXPECT_EQ(why("{\"a\":1"), "malformed_body");
  EXPECT_EQ(why(""), "malformed_body");
  EXPECT_EQ(why("[1] [2]"), "malformed_body");
  EXPECT_EQ(why("[1e999]"), "out_of_range");
  EXPECT_EQ(why("[123456789012345678901234567890]"), "out_of_range");
  EXPECT_EQ(why("[\"\xff\"]"), "invalid_utf8");
  EXPECT_EQ(why(R"(["\ud83d\ude00"])"), "fine");
  for (const auto* alone : {R"(["\ud83d"])", R"(["\ude00"])", R"({"\uDE00":1})", R"(["\ud83dx"])",
                            R"(["\ud83d\u0041"])", R"(["\ud83d\ud83d\ude00"])", R"(["\\\udc00"])"})
    EXPECT_EQ(why(alone), "invalid_utf8") << alone;
  EXPECT_EQ(why(R"(["\\ud83d", "\\\\udc00"])"), "fine") << "a backslash and words";
  EXPECT_EQ(why(R"(["\ud83)"), "malformed_body");
  EXPECT_EQ(why(R"(["\ux"])"), "malformed_body");
}

TEST(json, large_and_small_texts_take_turns) {
  const std::string large = "[\"" + std::string(8 << 20, 'x') + "\"]";
  for (const std::string& text : {large, std::string("[1]"), large, std::string(R"({"a":"b"})")}) {
    const auto parsed = json::parse_copy(text, 64);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(json::minified(*parsed), text);
  }
}

TEST(text, money_is_a_decimal_of_a_currency_with_a_code) {
  for (const auto* amount : {"0", "12.50", "-3", "1000000000"}) EXPECT_TRUE(money_of(amount, "EUR")) << amount;
  for (const auto* amount : {"", "-", "12,50", "1.", ".5", "1.2.3", "1e3", "NaN", " 1"})
    EXPECT_FALSE(money_of(amount, "EUR")) << amount;
  for (const auto* currency : {"", "eur", "EURO", "E1R"}) EXPECT_FALSE(money_of("1", currency)) << currency;
}

TEST(json, never_turns_integers_into_doubles) {
  const auto root = json::parse_copy(
      R"({"a":9007199254740993,"b":1.5,"c":18446744073709551615,"d":"x","e":null,"f":{"g~/h":[7]}})", 64);
  ASSERT_TRUE(root);
  EXPECT_EQ(json::integer(*json::at(*root, "/a")), 9007199254740993);
  EXPECT_EQ(json::integer(*json::at(*root, "/b")), std::nullopt);
  EXPECT_EQ(json::integer(*json::at(*root, "/c")), std::nullopt);
  EXPECT_EQ(json::scalar(*json::at(*root, "/c")), "18446744073709551615");
  EXPECT_EQ(json::number(*json::at(*root, "/b")), 1.5);
  EXPECT_EQ(json::text(*json::at(*root, "/d")), "x");
  EXPECT_EQ(json::scalar(*json::at(*root, "/e")), std::nullopt);
  EXPECT_EQ(json::integer(*json::at(*root, "/f/g~0~1h/0")), 7);
  EXPECT_FALSE(json::at(*root, "/f/none"));
  EXPECT_FALSE(json::at(*root, "/a/b"));
  EXPECT_FALSE(json::at(*root, "no pointer"));
}

TEST(json, sees_keys_that_stand_twice) {
  const auto twice = [](std::string_view text) {
    json::object o;
    EXPECT_FALSE(json::parse_copy(text, 64)->get(o));
    return json::has_duplicate_keys(o);
  };
  EXPECT_FALSE(twice(R"({"a":1,"b":{"a":1}})"));
  EXPECT_TRUE(twice(R"({"a":1,"b":2,"a":1})"));
  std::string many = "{";
  for (int i = 0; i < 40; ++i) many += "\"k" + std::to_string(i) + "\":1,";
  EXPECT_FALSE(twice(many + "\"z\":1}"));
  EXPECT_TRUE(twice(many + "\"k3\":1}"));
}

TEST(json, reader_keeps_the_first_thing_that_is_wrong) {
  json::object o;
  ASSERT_FALSE(
      json::parse_copy(R"({"t":5,"n":"x","neg":-1,"when":"yesterday","big":18446744073709551615,"null":null})", 64)
          ->get(o));
  const auto why = [&](auto read) {
    json::reader r(o, "/items/3");
    read(r);
    return r.failed() ? std::string(to_string(r.code())) + " " + r.wrong() : "fine";
  };
  EXPECT_EQ(why([](auto& r) { r.text("t"), r.number("n"); }), "wrong_type /items/3/t");
  EXPECT_EQ(why([](auto& r) { r.count("neg"); }), "out_of_range /items/3/neg");
  EXPECT_EQ(why([](auto& r) { r.integer("big"); }), "out_of_range /items/3/big");
  EXPECT_EQ(why([](auto& r) { r.time("when"); }), "out_of_range /items/3/when");
  EXPECT_EQ(why([](auto& r) { r.require(r.find("null").has_value(), "null"); }), "missing_field /items/3/null");
  EXPECT_EQ(why([](auto& r) { r.text("absent"), r.list("null"); }), "fine");
}

TEST(text, is_repaired_visibly) {
  EXPECT_EQ(repaired("plain é 😀"), "plain é 😀");
  EXPECT_EQ(repaired("a\xff"
                     "b"),
            "a\uFFFD"
            "b");
  EXPECT_EQ(repaired("\xC0\xAF"), "\uFFFD\uFFFD") << "overlong";
  EXPECT_EQ(repaired("\xE2\x82"), "\uFFFD") << "cut off";
  EXPECT_EQ(repaired("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "surrogate";
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) EXPECT_TRUE(valid_utf8(repaired(random_bytes(random, random() % 40))));
}

TEST(text, is_cut_between_code_points) {
  EXPECT_EQ(cut("aé€", 2), "a");
  EXPECT_EQ(cut("aé€", 3), "aé");
  EXPECT_EQ(cut("abc", 3), "abc");
  schemas::event event;
  EXPECT_EQ(words("aé", 2, event), "a");
  EXPECT_THAT(event.flags, ElementsAre(schemas::flag::truncated));
}

TEST(text, identifiers_hold_no_control_characters) {
  EXPECT_TRUE(identifier("MM0123"));
  EXPECT_FALSE(identifier(""));
  EXPECT_FALSE(identifier(std::string_view("a\0b", 3)));
  EXPECT_FALSE(identifier("a\nb"));
  EXPECT_FALSE(identifier("\xff"));
  EXPECT_FALSE(identifier("abc", 2));
}

TEST(text, media_types) {
  EXPECT_EQ(media_type("Application/JSON ; charset=UTF-8"), "application/json");
  EXPECT_EQ(attachment_kind_of("image/png"), schemas::attachment_kind::image);
  EXPECT_EQ(attachment_kind_of("text/vcard"), schemas::attachment_kind::contact);
  EXPECT_EQ(attachment_kind_of("chemical/x-pdb"), schemas::attachment_kind::other);
  std::string xml;
  append_xml(xml, "a<b>&\"'\x01 é");
  EXPECT_EQ(xml, "a&lt;b&gt;&amp;&quot;&apos; é");
}

TEST(time, has_ranges) {
  EXPECT_EQ(schemas::to_string(*from_unix_seconds(1614265330)), "2021-02-25T15:02:10.000Z");
  EXPECT_EQ(schemas::to_string(*from_unix_milliseconds(1777975200123)), "2026-05-05T10:00:00.123Z");
  EXPECT_EQ(from_unix_seconds(-1), std::nullopt);
  EXPECT_EQ(from_unix_seconds(std::numeric_limits<std::int64_t>::max()), std::nullopt);
  EXPECT_EQ(from_unix_milliseconds(std::numeric_limits<std::int64_t>::max()), std::nullopt);
  EXPECT_EQ(plain_integer("12"), 12);
  for (const auto* wrong : {"", "+1", "-1", " 1", "1 ", "1.0", "99999999999999999999"})
    EXPECT_FALSE(plain_integer(wrong)) << wrong;
}

TEST(time, of_providers_that_mix_their_ways) {
  const auto same = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z");
  EXPECT_EQ(from_unix(1'777'975'200), same);
  EXPECT_EQ(from_unix(1'777'975'200'123), same + std::chrono::milliseconds(123));
  EXPECT_EQ(from_unix(-1), std::nullopt);
  for (std::string_view written : {"2026-05-05T10:00:00Z", "2026-05-05T10:00:00+0000", "2026-05-05T12:30:00+0230",
                                   "2026-05-05T12:00:00.0000000+02:00", "2026-05-05T10:00:00.0000000+0000"})
    EXPECT_EQ(from_iso8601(written), same) << written;
  for (std::string_view wrong :
       {"", "+0000", "2026-05-05", "2026-05-05T10:00:00", "2026-05-05T10:00:00+00x0", "2026-05-05T10:00:00+00000"})
    EXPECT_EQ(from_iso8601(wrong), std::nullopt) << wrong;
}

TEST(json, ids_and_times_come_as_numbers_or_texts) {
  const std::string text =
      R"({"a":9007199254740993,"b":"x7","c":18446744073709551615,"d":1.5,"e":"a\u0000b",)"
      R"("s":"1777975200","n":1777975200123,"i":"2026-05-05T10:00:00+0000","bad":"soon","list":[]})";
  const auto root = json::parse_copy(text, 8);
  ASSERT_TRUE(root);
  json::object object;
  ASSERT_FALSE(root->get(object));
  json::reader from(object, "");
  EXPECT_EQ(from.id("a"), "9007199254740993") << "beyond what a double holds";
  EXPECT_EQ(from.id("b"), "x7");
  EXPECT_EQ(from.id("c"), "18446744073709551615");
  EXPECT_EQ(from.id("none"), "");
  const auto same = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z");
  EXPECT_EQ(from.loose_time("s"), same);
  EXPECT_EQ(from.loose_time("n"), same + std::chrono::milliseconds(123));
  EXPECT_EQ(from.loose_time("i"), same);
  EXPECT_EQ(from.loose_time("none"), std::nullopt);
  EXPECT_FALSE(from.failed());
  for (const auto& [name, code] : {std::pair{"d", reject_code::wrong_type}, {"e", reject_code::out_of_range}}) {
    json::reader wrong(object, "");
    EXPECT_EQ(wrong.id(name), "");
    EXPECT_EQ(wrong.code(), code) << name;
  }
  for (const auto& [name, code] : {std::pair{"bad", reject_code::out_of_range},
                                   {"d", reject_code::out_of_range},
                                   {"list", reject_code::wrong_type}}) {
    json::reader wrong(object, "");
    EXPECT_EQ(wrong.loose_time(name), std::nullopt);
    EXPECT_EQ(wrong.code(), code) << name;
  }
}

TEST(time, rfc2822) {
  const auto read = [](std::string_view s) {
    const auto t = from_rfc2822(s);
    return t ? schemas::to_string(*t) : "none";
  };
  EXPECT_EQ(read("Tue, 05 May 2026 10:00:00 +0200"), "2026-05-05T08:00:00.000Z");
  EXPECT_EQ(read("5 May 2026 10:00:00 GMT"), "2026-05-05T10:00:00.000Z");
  EXPECT_EQ(read("Tue, 05 May 2026 10:00 -0330"), "2026-05-05T13:30:00.000Z");
  EXPECT_EQ(read("Fri, 1 Aug 2014 16:45:32 -04:00"), "2014-08-01T20:45:32.000Z");
  EXPECT_EQ(read("Tue, 05 May 2026 10:00:00 +0200 (CEST)"), "2026-05-05T08:00:00.000Z");
  EXPECT_EQ(read("5 May 2026 10:00:00 EDT"), "2026-05-05T14:00:00.000Z");
  EXPECT_EQ(read("5 May 2026 10:00:00 CST"), "2026-05-05T16:00:00.000Z");
  EXPECT_EQ(read("5 May 2026 10:00:00 PST"), "2026-05-05T18:00:00.000Z");
  EXPECT_EQ(to_rfc2822(*from_rfc2822("5 May 2026 10:00:00 +0200")), "Tue, 05 May 2026 08:00:00 +0000");
  for (const auto* wrong : {"", "5 May 2026", "32 May 2026 10:00:00 GMT", "30 Feb 2026 10:00:00 GMT",
                            "5 Mai 2026 10:00:00 GMT", "5 May 2026 25:00:00 GMT", "5 May 2026 10:00:00 +2500",
                            "5 May 2026 10:00:00 GMT x", "5 May 2026 10:00:00 ESTCST", "5 May 2026 10:00:00 +02:0",
                            "5 May 2026 10:00:00 DTE", "5 May 2026 100000 GMT", "5 May 1960 10:00:00 GMT"})
    EXPECT_EQ(read(wrong), "none") << wrong;
}

TEST(fingerprint, tells_parts_apart) {
  EXPECT_EQ(fingerprint().add("ab").add("c").value(), fingerprint().add("ab").add("c").value());
  EXPECT_NE(fingerprint().add("ab").add("c").value(), fingerprint().add("a").add("bc").value());
  EXPECT_NE(fingerprint().add("").value(), fingerprint().value());
  EXPECT_NE(fingerprint().add("a").add("b").value(), fingerprint().add("b").add("a").value());
}

TEST(url, ports_come_and_go) {
  const auto both = [](std::string_view url) {
    const auto v = with_and_without_port(url);
    return v.without_port + " " + v.with_port;
  };
  EXPECT_EQ(both("https://a.example/x?y=http://z:1"),
            "https://a.example/x?y=http://z:1 https://a.example:443/x?y=http://z:1");
  EXPECT_EQ(both("http://a.example:8080/x"), "http://a.example/x http://a.example:8080/x");
  EXPECT_EQ(both("http://a.example"), "http://a.example http://a.example:80");
  EXPECT_EQ(both("https://[::1]:8443/x"), "https://[::1]/x https://[::1]:8443/x");
  EXPECT_EQ(both("https://u:p@a.example/x"), "https://u:p@a.example/x https://u:p@a.example:443/x");
  EXPECT_EQ(query_of("/a?b=c?d#e"), "b=c?d");
  EXPECT_EQ(query_of("/a"), "");
  EXPECT_EQ(without_query("/a?b"), "/a");
  EXPECT_EQ(target_of("https://a.example/in/x?y"), "/in/x?y");
  EXPECT_EQ(target_of("https://a.example"), "/");
}

TEST(sample, placeholders_are_fresh_and_consistent) {
  const freshness f{.now = *from_unix_milliseconds(1777975200123), .random = 5, .counter = 42};
  EXPECT_EQ(filled("{{unix}} {{unix_ms}} {{rfc3339}} {{counter}} {{run}}", f),
            "1777975200 1777975200123 2026-05-05T10:00:00.123Z 42 6");
  EXPECT_EQ(filled("{{nothing}} {{ {{", f), "{{nothing}} {{ {{");
  const std::string sids = filled("{{sid:SM}}|{{sid:SM}}|{{sid:AC}}", f);
  EXPECT_EQ(sids.substr(0, 34), sids.substr(35, 34));
  EXPECT_EQ(sids.substr(70, 2), "AC");
  EXPECT_NE(sids.substr(2, 32), sids.substr(72, 32));
  EXPECT_NE(filled("{{uuid}}", f), filled("{{uuid}}", {.now = f.now, .random = 5, .counter = 43}));
  EXPECT_TRUE(schemas::uuid_from_string(filled("{{uuid:a}}", f)));
  EXPECT_EQ(filled("{{number:3}}", f).size(), 3U);
}

TEST(settings, tells_everything_that_is_wrong_at_once) {
  constexpr option table[] = {
      {.name = "a", .type = value_type::integer, .default_value = "7", .text = "a number"},
      {.name = "b.c", .type = value_type::pointer, .text = "a pointer"},
      {.name = "b.d", .type = value_type::duration, .default_value = "5m", .text = "a duration"},
      {.name = "s", .type = value_type::secret, .required = true, .text = "a secret"},
      {.name = "l", .type = value_type::list, .text = "a list"},
      {.name = "f", .type = value_type::boolean, .text = "a flag"}};
  const auto wrong =
      boost::json::parse(R"({"a":"x","b":{"c":"nopointer","d":"5","e":1},"l":[1],"odd/name":1,"f":"maybe"})")
          .as_object();
  std::vector<settings_error> errors;
  settings_reader r(wrong, table, "/settings", errors);
  EXPECT_EQ(r.integer("a", 0, 10), 7);
  EXPECT_FALSE(r.pointer("b.c"));
  EXPECT_EQ(r.duration("b.d"), std::chrono::minutes(5));
  EXPECT_TRUE(r.objects("l").empty());
  EXPECT_FALSE(r.boolean("f"));
  std::vector<std::string> where;
  for (const auto& e : errors) where.push_back(e.pointer);
  EXPECT_THAT(where, testing::UnorderedElementsAre("/settings/a", "/settings/b/c", "/settings/b/d", "/settings/b/e",
                                                   "/settings/s", "/settings/l", "/settings/odd~1name", "/settings/f"));

  const auto right =
      boost::json::parse(R"({"a":"3","b.c":"=constant","b":{"d":"90s"},"s":5,"l":[{"x":1}],"f":true})").as_object();
  errors.clear();
  settings_reader good(right, table, "/settings", errors);
  EXPECT_EQ(good.integer("a", 0, 10), 3);
  EXPECT_TRUE(good.pointer("b.c")->constant);
  EXPECT_EQ(good.pointer("b.c")->value, "constant");
  EXPECT_EQ(good.duration("b.d"), std::chrono::seconds(90));
  EXPECT_EQ(good.text("s"), "5");
  EXPECT_EQ(good.objects("l").size(), 1U);
  EXPECT_TRUE(good.boolean("f"));
  EXPECT_TRUE(errors.empty());

  const auto empty = boost::json::parse(R"({"s":""})").as_object();
  settings_reader(empty, table, "/credentials/0", errors);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(errors[0].message, HasSubstr("empty"));
}

}  // namespace
}  // namespace switchboard::connectors
