#include "connectors/common/mail.hpp"

#include <gmock/gmock.h>

#include "connectors/common/html.hpp"
#include "connectors/common/mail_report.hpp"
#include "connectors/common/peers.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors {
namespace {

using testing::ElementsAre;

TEST(html, reads_as_a_person_sees_it) {
  EXPECT_EQ(text_of_html("<p>Hello,</p>\n<p>it\n   is <b>late</b><br/>very.</p>"), "Hello,\n\nit is late\nvery.");
  EXPECT_EQ(text_of_html("one<div>two</div>three<br><br><br>four"), "one\ntwo\nthree\n\nfour");
  EXPECT_EQ(text_of_html("<ul><li>a<li>b</ul>c"), "- a\n- b\n\nc");
  EXPECT_EQ(text_of_html("<tr><td>a</td><td>b</td></tr><tr><td>c</tr>"), "a b\nc");
  EXPECT_EQ(text_of_html("<pre>a  b\n  c</pre>"), "a  b\n  c");
  EXPECT_EQ(text_of_html(""), "");
  EXPECT_EQ(text_of_html("  \n\t "), "");
}

TEST(html, drops_what_nobody_sees) {
  EXPECT_EQ(text_of_html("a<!-- <p>b</p> -->c<script>if (a < b) d()</script>e<STYLE>x</Style >f"), "acef");
  EXPECT_EQ(text_of_html("<title>t</title><?xml x?><!DOCTYPE html>a<o:p></o:p>"), "a");
  EXPECT_EQ(text_of_html(R"(<a title="x > y" href='z>'>link</a>)"), "link");
  EXPECT_EQ(text_of_html("<p title=it's>so</p>"), "so");
  EXPECT_EQ(text_of_html("<script>never closed </p> x"), "");
  EXPECT_EQ(text_of_html("a<!-- never closed"), "a");
  EXPECT_EQ(text_of_html(R"(<a title="never closed>b</a>)"), "b");
}

TEST(html, keeps_what_is_no_markup) {
  EXPECT_EQ(text_of_html("1 < 2 <3 & a<"), "1 < 2 <3 & a<");
  EXPECT_EQ(text_of_html("&lt;b&gt; &amp;amp; &copy; &Auml;&szlig;&nbsp;&euro;"), "<b> &amp; © Äß €");
  EXPECT_EQ(text_of_html("&#65;&#x42;&#128;&#0;&#xD800;&#99999999999;&#x1F600;"), "AB€���😀");
  EXPECT_EQ(text_of_html("?a=1&copy=2 &unknown; &; &#; &#x; &a"), "?a=1&copy=2 &unknown; &; &#; &#x; &a");
}

TEST(html, takes_linear_time) {
  for (const std::string_view part : {"<a title=\"", "<script>", "<!--", "<", "&#", "</", "<a '=", "<pre>"}) {
    std::string many;
    while (many.size() < 4'000'000) many += part;
    EXPECT_TRUE(valid_utf8(text_of_html(many))) << part;
  }
}

TEST(html, names_the_parts_it_shows) {
  EXPECT_THAT(content_ids_of_html(R"(<img src="cid:b@1"><img src='cid:a%402'><td background=cid:b@1>cid:)"),
              ElementsAre("a@2", "b@1"));
}

std::vector<std::string> boxes(std::string_view field) {
  std::vector<std::string> out;
  for (const auto& each : mail::mailboxes(field)) out.push_back(each.name + "|" + std::string(each.address));
  return out;
}

TEST(mail, reads_address_lists) {
  EXPECT_THAT(boxes("a@x.org"), ElementsAre("|a@x.org"));
  EXPECT_THAT(boxes(R"("Doe, \"J\"" <j@x.org> (work, home), Ann Example <ann@x.org>)"),
              ElementsAre("Doe, \"J\"|j@x.org", "Ann Example|ann@x.org"));
  EXPECT_THAT(boxes("team: a@x.org, b@x.org;, c@x.org"), ElementsAre("|a@x.org", "|b@x.org", "|c@x.org"));
  EXPECT_THAT(boxes(" , ,"), ElementsAre());
  EXPECT_THAT(boxes("Broken <a@x.org"), ElementsAre("Broken|a@x.org"));
  EXPECT_EQ(mail::mailboxes("a,b,c,d", 2).size(), 2U);
}

TEST(mail, reads_message_ids) {
  EXPECT_THAT(mail::message_ids("<a@b> junk <c@d>\r\n\t<e@f>"), ElementsAre("<a@b>", "<c@d>", "<e@f>"));
  EXPECT_THAT(mail::message_ids("a@b <> <<x@y> <open"), ElementsAre("<x@y>"));
  EXPECT_THAT(mail::message_ids("<a><b><c>", 2), ElementsAre("<a>", "<b>"));
}

TEST(mail, knows_tags_of_its_own) {
  EXPECT_EQ(mail::without_tag("in+t42@acme.example"), "in@acme.example");
  for (const auto* same : {"in@acme.example", "+in@acme.example", "in", "in@ac+me.example"})
    EXPECT_EQ(mail::without_tag(same), same);
  EXPECT_EQ(mail::conversation_token("C.MFZXG5DFOJUW4Z3TMVZXG2LPNY"), "mfzxg5dfojuw4z3tmvzxg2lpny");
  for (const auto* other :
       {"", "t42", "c.", "c.mfzxg5dfojuw4z3tmvzxg2lpn", "c.mfzxg5dfojuw4z3tmvzxg2lpn1", "mfzxg5dfojuw4z3tmvzxg2lpny"})
    EXPECT_EQ(mail::conversation_token(other), "") << other;
}

TEST(mail, tells_programs_from_people) {
  using enum schemas::automated;
  const auto by = [](std::string_view name, std::string_view value) {
    const mail::header one[] = {{name, value}};
    return mail::automated_by(one, "ann@x.org", false);
  };
  EXPECT_EQ(by("Subject", "Hello"), std::nullopt);
  EXPECT_EQ(by("auto-submitted", " auto-replied; x=y"), auto_reply);
  EXPECT_EQ(by("Auto-Submitted", "no"), std::nullopt);
  EXPECT_EQ(by("Auto-Submitted", "auto-generated"), bot);
  EXPECT_EQ(by("Precedence", "LIST"), bulk);
  EXPECT_EQ(by("Precedence", "first-class"), std::nullopt);
  EXPECT_EQ(by("X-Autoreply", "yes"), auto_reply);
  EXPECT_EQ(by("X-Auto-Response-Suppress", "All"), auto_reply);
  EXPECT_EQ(by("X-Auto-Response-Suppress", "None"), std::nullopt);
  EXPECT_EQ(by("Feedback-ID", "1:2"), bulk);
  EXPECT_EQ(mail::automated_by({}, "Postmaster@x.org", true), bot);
  EXPECT_EQ(mail::automated_by({}, "ann@x.org", true), auto_reply);
}

TEST(mail, cleans_file_names) {
  EXPECT_EQ(mail::file_name("a\\b/c.pdf "), "c.pdf");
  EXPECT_EQ(mail::file_name("\xE2\x80\xAEgnp.exe\x01"), "gnp.exe");
  EXPECT_EQ(mail::file_name(".."), "");
  EXPECT_EQ(mail::file_name("ä\xFF.txt"), "ä\xEF\xBF\xBD.txt");
  EXPECT_EQ(mail::file_name(std::string(300, 'x')).size(), 255U);
}

TEST(mail_report, reads_each_recipient_of_a_bounce) {
  const auto told = mail::read_report(
      mail::report_kind::delivery,
      "Reporting-MTA: dns; mx\n\n\nfinal-recipient: rfc822; a@x.org\nAction: FAILED\nStatus: 5.2.2 (full)\n"
      "Diagnostic-Code: smtp; 552\n\tover quota\n\nFinal-Recipient: rfc822;b@x.org\nAction: relayed\n\n"
      "Action: failed\n\nFinal-Recipient: rfc822; c@x.org\nAction: lost");
  ASSERT_EQ(told.outcomes.size(), 2U);
  EXPECT_EQ(told.outcomes[0].recipient, "a@x.org");
  EXPECT_EQ(told.outcomes[0].status, schemas::receipt_status::bounced);
  EXPECT_EQ(told.outcomes[0].code, "5.2.2");
  EXPECT_EQ(told.outcomes[0].text, "552 over quota");
  EXPECT_EQ(told.outcomes[1].status, schemas::receipt_status::sent);
}

TEST(mail_report, takes_only_what_was_displayed_for_read) {
  const auto status = [](std::string_view disposition) {
    return mail::read_report(mail::report_kind::disposition,
                             "Final-Recipient: rfc822; a@x.org\nDisposition: " + std::string(disposition))
        .outcomes.size();
  };
  EXPECT_EQ(status("automatic-action/MDN-sent-automatically; displayed"), 1U);
  EXPECT_EQ(status("displayed"), 1U);
  EXPECT_EQ(status("manual-action/MDN-sent-manually; deleted"), 0U);
  EXPECT_EQ(mail::read_report(mail::report_kind::feedback, "Feedback-Type: not-spam\nOriginal-Rcpt-To: a@x.org")
                .outcomes.size(),
            0U);
  EXPECT_EQ(mail::read_report(mail::report_kind::feedback,
                              "Feedback-Type: opt-out\nOriginal-Rcpt-To: a@x.org\nOriginal-Rcpt-To: b@x.org")
                .outcomes.size(),
            2U);
}

TEST(peers, are_told_by_range) {
  const auto in = [](std::string_view range, std::string_view peer) {
    const auto parsed = address_range::parse(range);
    return parsed && parsed->contains(peer);
  };
  EXPECT_TRUE(in("192.0.2.7", "192.0.2.7"));
  EXPECT_TRUE(in("192.0.2.7", "::ffff:192.0.2.7"));
  EXPECT_FALSE(in("192.0.2.7", "192.0.2.8"));
  EXPECT_TRUE(in("192.0.2.0/25", "192.0.2.127"));
  EXPECT_FALSE(in("192.0.2.0/25", "192.0.2.128"));
  EXPECT_TRUE(in("0.0.0.0/0", "203.0.113.1"));
  EXPECT_FALSE(in("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(in("2001:db8::/33", "2001:db8:7fff:1:2:3:4:5"));
  EXPECT_FALSE(in("2001:db8::/33", "2001:db8:8000::"));
  EXPECT_TRUE(in("::1", "0:0:0:0:0:0:0:1"));
  EXPECT_TRUE(in("::/0", "::"));
  for (const auto* none :
       {"", "192.0.2", "192.0.2.256", "192.0.2.1.1", "192.0.2.1/33", "192.0.2.1/", "1::2::3", "::12345",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", ":1", "1:", "2001:db8::/129", "acme.example"})
    EXPECT_FALSE(address_range::parse(none)) << none;
  EXPECT_FALSE(in("::/0", "nobody"));
}

}  // namespace
}  // namespace switchboard::connectors
