#include "broker/app/capture.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "broker/app/line_reader.hpp"
#include "broker/intake/request_line.hpp"
#include "tests/broker/intake/tiny_connector.hpp"

namespace switchboard::app {
namespace {

class capture_test : public testing::Test {
 protected:
  capture_test()
      : path_(std::filesystem::temp_directory_path() / ("switchboard-capture-" + std::to_string(::getpid()))) {
    std::filesystem::remove(path_);
  }
  ~capture_test() override { std::filesystem::remove(path_); }

  std::string captured(capture_mode mode, std::string body, std::vector<connectors::header> headers) {
    {
      auto opened = capture::open(path_.string(), mode);
      EXPECT_TRUE(opened);
      intake::test::request r(std::move(body));
      r.headers = std::move(headers);
      (*opened)->write(intake::test::tiny_source(), r.in());
    }
    std::ifstream in(path_);
    std::string line;
    std::getline(in, line);
    return line;
  }
  std::filesystem::path path_;
};

TEST_F(capture_test, seals_so_that_only_the_tenant_can_read) {
  const auto line = captured(capture_mode::sealed, "msg|k|c|a private word", {{"X-Sign", "good"}});
  EXPECT_EQ(line.find("private"), std::string::npos);
  struct stat status{};
  ::stat(path_.c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0600u);

  const std::vector owner{intake::test::make_tenant("acme")}, other{intake::test::make_tenant("other")};
  const auto opened = open_sealed_line(line, owner);
  ASSERT_TRUE(opened && *opened);
  const auto request = intake::request_line::parse(**opened);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->inbound().body, "msg|k|c|a private word");
  EXPECT_FALSE(open_sealed_line(line, other));
  EXPECT_FALSE(open_sealed_line("{\"sealed\":\"!\"}", owner));
  const auto plain = open_sealed_line("{\"source\":\"x\",\"body\":\"sealed\"}", owner);
  ASSERT_TRUE(plain);
  EXPECT_FALSE(*plain);
}

TEST_F(capture_test, redacts_texts_and_secrets_and_keeps_the_shape) {
  const auto line =
      captured(capture_mode::redacted, R"({"name":"Ann Émile","age":41,"list":["a1",{"k\"ey":"v\n\u00e9"}],"ok":true})",
               {{"Content-Type", "application/json"}, {"Authorization", "Bearer hunter2"}});
  for (const auto* secret : {"Ann", "\"age\\\":41", "hunter2", "mile", "192.0.2.7"})
    EXPECT_EQ(line.find(secret), std::string::npos) << secret << " in " << line;
  const auto request = intake::request_line::parse(line);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->inbound().body, R"({"name":"xxx xxxxxx","age":11,"list":["x0",{"k\"ey":"x\n\u00e9"}],"ok":true})");
}

TEST_F(capture_test, keeps_all_when_told_so) {
  const auto line = captured(capture_mode::plain, "msg|k|c|text", {{"X-Sign", "good"}});
  const auto request = intake::request_line::parse(line);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->source(), "tiny-main");
  EXPECT_EQ(request->inbound().find("x-sign"), "good");
}

TEST_F(capture_test, says_why_a_file_cannot_be_opened) {
  const auto opened = capture::open("/nonexistent/file", capture_mode::plain);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error(), "/nonexistent/file: No such file or directory");
}

TEST(redact_body, knows_forms_and_blots_out_the_rest) {
  EXPECT_EQ(redact_body("From=%2B14155550100&Body=Hi+there&N=", "application/x-www-form-urlencoded"),
            "From=%2B00000000000&Body=xx+xxxxx&N=");
  EXPECT_EQ(redact_body("a1 b2", "text/plain"), "x0 x0");
  EXPECT_EQ(redact_body("{\"a\":\"unterminated\\", "application/json"), "{\"a\":\"xxxxxxxxxxxx\\");
}

TEST_F(capture_test, lines_are_read_whatever_their_length) {
  std::ofstream(path_, std::ios::binary) << "first\r\n\n"
                                         << std::string(600'000, 'y') << "\n"
                                         << std::string(3'000'000, 'z') << "\nlast";
  auto lines = line_reader::open(path_.string(), 1u << 20);
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->next(), "first");
  EXPECT_EQ(lines->next(), "");
  EXPECT_EQ(lines->next()->size(), 600'000u);
  const auto cut = lines->next();
  ASSERT_TRUE(cut);
  EXPECT_TRUE(lines->too_long());
  EXPECT_EQ(lines->number(), 4u);
  EXPECT_EQ(lines->next(), "last");
  EXPECT_FALSE(lines->too_long());
  EXPECT_EQ(lines->next(), std::nullopt);
  EXPECT_FALSE(line_reader::open("/nonexistent/file"));
}

}  // namespace
}  // namespace switchboard::app
