#include "broker/intake/sniffing.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace switchboard::intake {
namespace {

const std::filesystem::path files = SWITCHBOARD_SOURCE_DIR "/tests/broker/intake/files";

std::string file(std::string_view name) {
  std::ifstream in(files / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

constexpr std::string_view word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                           sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                           slides = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

// Files that other programs wrote, what they are, and what honest providers call them.
struct sample {
  std::string_view name, type;
  std::vector<std::string_view> honest;
};
const std::vector<sample> samples = {
    {"photo.jpg", "image/jpeg", {"image/jpeg", "image/jpg", "image/pjpeg"}},
    {"photo.png", "image/png", {"image/png"}},
    {"photo.gif", "image/gif", {"image/gif"}},
    {"photo.webp", "image/webp", {"image/webp"}},
    {"photo.bmp", "image/bmp", {"image/bmp", "image/x-ms-bmp"}},
    {"photo.tiff", "image/tiff", {"image/tiff"}},
    {"photo.ico", "image/vnd.microsoft.icon", {"image/x-icon"}},
    {"photo.heic", "image/heic", {"image/heic", "image/heif"}},
    {"photo.avif", "image/avif", {"image/avif"}},
    {"photo.jp2", "image/jp2", {"image/jp2"}},
    {"voice.mp3", "audio/mpeg", {"audio/mpeg", "audio/mp3"}},
    {"frames.mp3", "audio/mpeg", {"audio/mpeg"}},
    {"voice.ogg", "application/ogg", {"audio/ogg", "audio/opus", "video/ogg"}},
    {"voice.m4a", "audio/mp4", {"audio/mp4", "audio/x-m4a", "video/mp4"}},
    {"voice.aac", "audio/aac", {"audio/aac"}},
    {"voice.wav", "audio/wav", {"audio/x-wav", "audio/wave"}},
    {"voice.flac", "audio/flac", {"audio/x-flac"}},
    {"voice.amr", "audio/amr", {"audio/amr", "audio/amr-nb"}},
    {"film.mp4", "video/mp4", {"video/mp4", "audio/mp4", "video/quicktime"}},
    {"film.mov", "video/quicktime", {"video/quicktime"}},
    {"film.3gp", "video/3gpp", {"video/3gpp", "audio/3gpp", "video/mp4"}},
    {"film.webm", "video/webm", {"video/webm", "audio/webm"}},
    {"film.mkv", "video/x-matroska", {"video/x-matroska"}},
    {"film.avi", "video/x-msvideo", {"video/avi"}},
    {"film.mpg", "video/mpeg", {"video/mpeg"}},
    {"letter.pdf", "application/pdf", {"application/pdf", "application/x-pdf"}},
    {"letter.docx", word, {word, "application/zip", "application/vnd.ms-word.document.macroenabled.12"}},
    {"table.xlsx", sheet, {sheet, "application/zip"}},
    {"talk.pptx", slides, {slides}},
    {"letter.odt", "application/vnd.oasis.opendocument.text", {"application/vnd.oasis.opendocument.text"}},
    {"files.zip", "application/zip", {"application/zip", "application/x-zip-compressed", word}},
    {"files.tar.gz", "application/gzip", {"application/gzip", "application/x-gzip"}},
    {"files.tar", "application/x-tar", {"application/x-tar"}},
};

TEST(sniffing, says_what_files_of_other_programs_are) {
  for (const auto& s : samples) {
    const auto bytes = file(s.name);
    ASSERT_FALSE(bytes.empty()) << s.name;
    EXPECT_EQ(detected_media_type(bytes), s.type) << s.name;
    for (auto declared : s.honest) EXPECT_TRUE(may_be(s.type, declared)) << s.name << " as " << declared;
    for (std::string_view silent : {"", "application/octet-stream", "binary/octet-stream"})
      EXPECT_TRUE(may_be(s.type, silent)) << s.name;
  }
}

TEST(sniffing, every_file_of_the_folder_is_looked_at) {
  std::set<std::string> known;
  for (const auto& s : samples) known.emplace(s.name);
  for (const auto& each : std::filesystem::directory_iterator(files))
    EXPECT_TRUE(known.contains(each.path().filename().string())) << each.path();
}

// Every file under every other's name is a lie, but for those that hold the same sort of thing.
TEST(sniffing, a_file_under_a_name_of_another_kind_is_told) {
  const std::set<std::set<std::string_view>> one_kind = {
      {"video/mp4", "audio/mp4", "video/quicktime", "video/3gpp"},
      {"video/webm", "video/x-matroska"},
      {word, "application/zip"},
      {sheet, "application/zip"},
      {slides, "application/zip"},
      {"application/vnd.oasis.opendocument.text", "application/zip"},
  };
  const auto same = [&](std::string_view a, std::string_view b) {
    return a == b ||
           std::ranges::any_of(one_kind, [&](const auto& kind) { return kind.contains(a) && kind.contains(b); });
  };
  for (const auto& s : samples)
    for (const auto& other : samples)
      EXPECT_EQ(may_be(s.type, other.type), same(s.type, other.type)) << s.type << " as " << other.type;
}

TEST(sniffing, texts_are_told_from_what_must_not_be_text) {
  struct row {
    std::string_view bytes, type;
    std::vector<std::string_view> honest, lies;
  };
  using namespace std::literals;
  const row rows[] = {
      {"name,score\nLan,4\n",
       "text/plain",
       {"text/csv", "text/plain", "application/json", "application/x-subrip"},
       {"image/png", "audio/mpeg", "video/mp4", "application/pdf", word, "application/msword"}},
      {"gr\xFC\xDF dich", "text/plain", {"text/plain"}, {"image/jpeg"}},
      {"\xFF\xFEH\0i\0"sv, "text/plain", {"text/plain"}, {"image/jpeg"}},
      {"\xEF\xBB\xBF  <!-- saved --> <!DOCTYPE HTML><title>x</title>",
       "text/html",
       {"text/html", "text/plain"},
       {"image/jpeg", "image/svg+xml", "text/csv", "application/pdf", "application/json"}},
      {"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
       "image/svg+xml",
       {"image/svg+xml", "text/xml", "text/plain"},
       {"image/png", "text/html"}},
      {"<?xml version=\"1.0\"?><order/>",
       "application/xml",
       {"application/xml", "text/xml", "application/atom+xml"},
       {"image/png", "application/pdf", word}},
      {"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n",
       "text/vcard",
       {"text/x-vcard", "text/directory", "text/plain"},
       {"text/calendar", "image/png"}},
      {"begin:vcalendar\r\nEND:VCALENDAR\r\n", "text/calendar", {"text/calendar"}, {"text/html"}},
      {"{\\rtf1 hello}", "application/rtf", {"text/rtf", "application/rtf"}, {"application/pdf", "image/png"}},
      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old",
       "application/x-ole-storage",
       {"application/msword", "application/vnd.ms-excel", "application/vnd.ms-outlook"},
       {word, "application/pdf"}},
      {"\0\1\2\3"sv,
       no_known_type,
       {"application/x-something", "audio/mpeg", "audio/speex"},
       {"image/png", "image/jpeg", "text/plain", "application/pdf", "application/json", word}},
      {"#!SILK_V3\1\2", "audio/silk", {"audio/silk"}, {"audio/amr", "image/png"}},
      {"MZ is how this sentence begins, which is no reason to call it a program", "text/plain", {"text/plain"}, {}},
      {"BM is a car", "text/plain", {"text/plain"}, {"image/bmp"}},
  };
  for (const auto& r : rows) {
    EXPECT_EQ(detected_media_type(r.bytes), r.type) << r.bytes;
    for (auto declared : r.honest) EXPECT_TRUE(may_be(r.type, declared)) << r.type << " as " << declared;
    for (auto declared : r.lies) EXPECT_FALSE(may_be(r.type, declared)) << r.type << " as " << declared;
  }
}

TEST(sniffing, a_program_is_none_of_what_people_send) {
  std::string program(256, '\0');
  program.replace(0, 2, "MZ");
  program[60] = '\x80';
  program.replace(128, 4, std::string_view("PE\0\0", 4));
  EXPECT_EQ(detected_media_type(program), "application/vnd.microsoft.portable-executable");
  for (std::string_view declared : {"application/pdf", "image/jpeg", "text/plain"})
    EXPECT_FALSE(may_be("application/vnd.microsoft.portable-executable", declared)) << declared;
}

TEST(sniffing, no_bytes_say_nothing_and_no_prefix_of_a_file_hurts) {
  EXPECT_EQ(detected_media_type({}), "");
  EXPECT_TRUE(may_be("", "image/png"));
  for (const auto& s : samples) {
    const auto bytes = file(s.name);
    for (std::size_t size = 1; size < std::min<std::size_t>(bytes.size(), 200); ++size) {
      const std::vector<char> exactly(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(detected_media_type({exactly.data(), size}).empty());
    }
  }
}

}  // namespace
}  // namespace switchboard::intake
