#include "broker/intake/sniffing.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace switchboard::intake {
namespace {

using std::string_view;
using namespace std::literals;

struct signature {
  std::size_t at;
  string_view bytes;
  string_view type;
};
constexpr signature signatures[] = {
    {0, "\xFF\xD8\xFF"sv, "image/jpeg"},
    {0, "\x89PNG\r\n\x1A\n"sv, "image/png"},
    {0, "GIF87a"sv, "image/gif"},
    {0, "GIF89a"sv, "image/gif"},
    {0, "II*\0"sv, "image/tiff"},
    {0, "MM\0*"sv, "image/tiff"},
    {0, "\0\0\x01\0"sv, "image/vnd.microsoft.icon"},
    {0, "\0\0\0\x0CJXL \r\n\x87\n"sv, "image/jxl"},
    {0, "\0\0\0\x0CjP  \r\n\x87\n"sv, "image/jp2"},
    {0, "8BPS"sv, "image/vnd.adobe.photoshop"},
    {0, "OggS\0"sv, "application/ogg"},
    {0, "ID3"sv, "audio/mpeg"},
    {0, "fLaC"sv, "audio/flac"},
    {0, "#!AMR-WB\n"sv, "audio/amr-wb"},
    {0, "#!AMR\n"sv, "audio/amr"},
    {0, "#!SILK_V3"sv, "audio/silk"},
    {0, "\x02#!SILK_V3"sv, "audio/silk"},
    {0, ".snd"sv, "audio/basic"},
    {0, "MThd\0\0\0\x06"sv, "audio/midi"},
    {0, "caff\0\x01"sv, "audio/x-caf"},
    {0, "\0\0\x01\xBA"sv, "video/mpeg"},
    {0, "\0\0\x01\xB3"sv, "video/mpeg"},
    {0, "FLV\x01"sv, "video/x-flv"},
    {0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv, "video/x-ms-asf"},
    {0, "%PDF-"sv, "application/pdf"},
    {0, "%!PS-Adobe-"sv, "application/postscript"},
    {0, "{\\rtf"sv, "application/rtf"},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "application/x-ole-storage"},
    {0, "\x1F\x8B\x08"sv, "application/gzip"},
    {0, "Rar!\x1A\x07"sv, "application/vnd.rar"},
    {0, "7z\xBC\xAF\x27\x1C"sv, "application/x-7z-compressed"},
    {0, "BZh"sv, "application/x-bzip2"},
    {0,
     "\xFD"
     "7zXZ\0"sv,
     "application/x-xz"},
    {257, "ustar"sv, "application/x-tar"},
    {0,
     "\x7F"
     "ELF"sv,
     "application/x-elf"},
    {0, "\0asm\x01\0\0\0"sv, "application/wasm"},
    {0, "wOFF"sv, "font/woff"},
    {0, "wOF2"sv, "font/woff2"},
};

bool shows(string_view bytes, std::size_t at, string_view what) noexcept {
  return bytes.size() >= at + what.size() && bytes.substr(at, what.size()) == what;
}

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool begins_without_case(string_view text, string_view with) noexcept {
  return text.size() >= with.size() && std::ranges::equal(text.substr(0, with.size()), with, {}, lower, lower);
}

std::uint32_t big_endian(string_view four) noexcept {
  std::uint32_t out = 0;
  for (char c : four) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

string_view riff(string_view bytes) noexcept {
  if (!shows(bytes, 0, "RIFF")) return {};
  if (shows(bytes, 8, "WEBPVP")) return "image/webp";
  if (shows(bytes, 8, "WAVE")) return "audio/wav";
  if (shows(bytes, 8, "AVI ")) return "video/x-msvideo";
  return {};
}

// MP4 and what is built like it: the brands of the first box tell which.
string_view iso_media(string_view bytes) noexcept {
  if (bytes.size() < 12) return {};
  const auto box = bytes.substr(4, 4);
  for (string_view old : {"moov"sv, "mdat"sv, "wide"sv, "pnot"sv})
    if (box == old) return "video/quicktime";
  if (box != "ftyp") return {};
  const auto size = big_endian(bytes.substr(0, 4));
  if (size < 12 || size % 4 != 0) return {};
  const auto of = [](string_view brand) -> string_view {
    if (brand == "heic" || brand == "heix" || brand == "hevc" || brand == "mif1" || brand == "msf1")
      return "image/heic";
    if (brand == "avif" || brand == "avis") return "image/avif";
    if (brand == "qt  ") return "video/quicktime";
    if (brand == "M4A " || brand == "M4B ") return "audio/mp4";
    if (brand.starts_with("3g")) return "video/3gpp";
    return {};
  };
  auto type = of(bytes.substr(8, 4));
  if (type == "image/heic" && bytes.substr(0, size).contains("avif")) return "image/avif";
  return type.empty() ? "video/mp4" : type;
}

string_view matroska(string_view bytes) noexcept {
  if (!shows(bytes, 0, "\x1A\x45\xDF\xA3")) return {};
  return bytes.substr(0, 64).contains("webm") ? "video/webm" : "video/x-matroska";
}

// A frame's header that holds together, and another one where the frame ends, if the bytes reach that far.
std::size_t mpeg_audio_frame(string_view bytes) noexcept {
  if (bytes.size() < 4) return 0;
  const auto header = big_endian(bytes.substr(0, 4));
  const auto version = header >> 19 & 3, layer = header >> 17 & 3, rate = header >> 12 & 15,
             sampling = header >> 10 & 3;
  if ((header & 0xFFE00000) != 0xFFE00000 || version == 1 || layer != 1 || rate == 0 || rate == 15 || sampling == 3)
    return 0;
  constexpr std::array<std::uint32_t, 15> first{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
  constexpr std::array<std::uint32_t, 15> second{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
  constexpr std::array<std::uint32_t, 3> samplings{44100, 48000, 32000};
  const auto kilobits = (version == 3 ? first : second)[rate];
  const auto hertz = samplings[sampling] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
  return (version == 3 ? 144000u : 72000u) * kilobits / hertz + (header >> 9 & 1);
}
string_view framed_audio(string_view bytes) noexcept {
  if (bytes.size() < 8) return {};
  if (bytes[0] == '\xFF' && (bytes[1] & '\xF6') == '\xF0') {  // ADTS
    const auto length = (static_cast<std::size_t>(bytes[3] & 3) << 11) |
                        (static_cast<std::size_t>(static_cast<unsigned char>(bytes[4])) << 3) |
                        (static_cast<unsigned char>(bytes[5]) >> 5);
    const bool next = bytes.size() < length + 2 || (bytes[length] == '\xFF' && (bytes[length + 1] & '\xF6') == '\xF0');
    return length >= 7 && next ? "audio/aac"sv : ""sv;
  }
  const auto length = mpeg_audio_frame(bytes);
  if (length == 0) return {};
  return bytes.size() < length + 4 || mpeg_audio_frame(bytes.substr(length)) != 0 ? "audio/mpeg"sv : ""sv;
}

constexpr string_view word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                      sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                      slides = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
                      open_text = "application/vnd.oasis.opendocument.text",
                      open_sheet = "application/vnd.oasis.opendocument.spreadsheet",
                      open_slides = "application/vnd.oasis.opendocument.presentation", epub = "application/epub+zip";

// The names of the first files in it tell what it holds.
string_view zip(string_view bytes) noexcept {
  if (shows(bytes, 0, "PK\x05\x06")) return "application/zip";
  if (!shows(bytes, 0, "PK\x03\x04")) return {};
  if (shows(bytes, 30, "mimetype"))
    for (auto type : {open_text, open_sheet, open_slides, epub})
      if (shows(bytes, 38, type)) return type;
  for (auto at = bytes.find("PK\x03\x04"); at != string_view::npos; at = bytes.find("PK\x03\x04", at + 4)) {
    if (shows(bytes, at + 30, "word/")) return word;
    if (shows(bytes, at + 30, "xl/")) return sheet;
    if (shows(bytes, at + 30, "ppt/")) return slides;
  }
  return "application/zip";
}

bool binary(string_view bytes) noexcept {
  return std::ranges::any_of(bytes, [](char c) {
    const auto b = static_cast<unsigned char>(c);
    return b < 0x20 && b != '\t' && b != '\n' && b != '\f' && b != '\r' && b != 0x1B;
  });
}

string_view windows_program(string_view bytes) noexcept {
  return shows(bytes, 0, "MZ") && bytes.size() >= 64 && binary(bytes.substr(0, 64))
             ? "application/vnd.microsoft.portable-executable"sv
             : ""sv;
}

string_view bitmap(string_view bytes) noexcept {
  return shows(bytes, 0, "BM") && bytes.size() >= 18 && shows(bytes, 6, "\0\0\0\0"sv) ? "image/bmp"sv : ""sv;
}

string_view markup(string_view text) noexcept {
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\n\f\r"), text.size()));
    if (!text.starts_with("<!--")) break;
    const auto end = text.find("-->");
    if (end == string_view::npos) return "text/html";
    text.remove_prefix(end + 3);
  }
  if (text.starts_with("<?xml"))
    return text.contains("<svg") ? "image/svg+xml" : text.contains("<html") ? "text/html" : "application/xml";
  for (string_view tag : {"<svg"sv, "<!doctype svg"sv})
    if (begins_without_case(text, tag)) return "image/svg+xml";
  for (string_view tag : {"<!doctype html"sv, "<html"sv, "<head"sv, "<script"sv, "<iframe"sv, "<h1"sv, "<div"sv,
                          "<font"sv, "<table"sv, "<style"sv, "<title"sv, "<body"sv, "<br"sv, "<p"sv, "<a"sv, "<b"sv})
    if (begins_without_case(text, tag) && text.size() > tag.size() &&
        (text[tag.size()] == ' ' || text[tag.size()] == '>'))
      return "text/html";
  if (begins_without_case(text, "BEGIN:VCARD")) return "text/vcard";
  if (begins_without_case(text, "BEGIN:VCALENDAR")) return "text/calendar";
  return {};
}

// --- which types mean the same ---
struct family {
  string_view name;
  string_view type;
};
constexpr family families[] = {
    {"jpeg", "image/jpeg"},
    {"jpeg", "image/jpg"},
    {"jpeg", "image/pjpeg"},
    {"png", "image/png"},
    {"png", "image/x-png"},
    {"png", "image/apng"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"tiff", "image/tiff"},
    {"tiff", "image/x-adobe-dng"},
    {"bmp", "image/bmp"},
    {"bmp", "image/x-bmp"},
    {"bmp", "image/x-ms-bmp"},
    {"icon", "image/vnd.microsoft.icon"},
    {"icon", "image/x-icon"},
    {"heif", "image/heic"},
    {"heif", "image/heif"},
    {"heif", "image/heic-sequence"},
    {"heif", "image/heif-sequence"},
    {"avif", "image/avif"},
    {"jxl", "image/jxl"},
    {"jp2", "image/jp2"},
    {"psd", "image/vnd.adobe.photoshop"},
    {"svg", "image/svg+xml"},
    {"ogg", "application/ogg"},
    {"ogg", "audio/ogg"},
    {"ogg", "video/ogg"},
    {"ogg", "audio/opus"},
    {"ogg", "audio/vorbis"},
    {"wav", "audio/wav"},
    {"wav", "audio/wave"},
    {"wav", "audio/x-wav"},
    {"wav", "audio/vnd.wave"},
    {"flac", "audio/flac"},
    {"flac", "audio/x-flac"},
    {"amr", "audio/amr"},
    {"amr", "audio/amr-nb"},
    {"amr", "audio/amr-wb"},
    {"silk", "audio/silk"},
    {"avi", "video/x-msvideo"},
    {"avi", "video/avi"},
    {"avi", "video/msvideo"},
    {"iso-media", "video/mp4"},
    {"iso-media", "audio/mp4"},
    {"iso-media", "audio/m4a"},
    {"iso-media", "audio/x-m4a"},
    {"iso-media", "audio/mp4a-latm"},
    {"iso-media", "video/quicktime"},
    {"iso-media", "video/x-m4v"},
    {"iso-media", "video/3gpp"},
    {"iso-media", "audio/3gpp"},
    {"iso-media", "video/3gpp2"},
    {"iso-media", "audio/3gpp2"},
    {"matroska", "video/webm"},
    {"matroska", "audio/webm"},
    {"matroska", "video/x-matroska"},
    {"matroska", "audio/x-matroska"},
    {"pdf", "application/pdf"},
    {"pdf", "application/x-pdf"},
    {"rtf", "application/rtf"},
    {"rtf", "text/rtf"},
    {"gzip", "application/gzip"},
    {"gzip", "application/x-gzip"},
    {"rar", "application/vnd.rar"},
    {"rar", "application/x-rar"},
    {"rar", "application/x-rar-compressed"},
    {"7z", "application/x-7z-compressed"},
    {"tar", "application/x-tar"},
    {"bzip2", "application/x-bzip2"},
    {"xz", "application/x-xz"},
    {"program", "application/vnd.microsoft.portable-executable"},
    {"program", "application/x-msdownload"},
    {"program", "application/x-dosexec"},
    {"html", "text/html"},
    {"html", "application/xhtml+xml"},
    {"vcard", "text/vcard"},
    {"vcard", "text/x-vcard"},
    {"vcard", "text/directory"},
    {"calendar", "text/calendar"},
    // Their bytes need not show it: a stream cut anywhere, or padding in front.
    {"?mpeg-audio", "audio/mpeg"},
    {"?mpeg-audio", "audio/mp3"},
    {"?mpeg-audio", "audio/x-mpeg"},
    {"?mpeg-audio", "audio/mpeg3"},
    {"?aac", "audio/aac"},
    {"?aac", "audio/x-aac"},
    {"?aac", "audio/aacp"},
    {"?mpeg", "video/mpeg"},
};

string_view family_of(string_view type) noexcept {
  const auto* found = std::ranges::find(families, type, &family::type);
  return found == std::end(families) ? string_view() : found->name;
}

constexpr string_view kinds_of_zip[] = {word, sheet, slides, open_text, open_sheet, open_slides, epub};
bool held_in_zip(string_view type) noexcept {
  return type == "application/zip" || type == "application/x-zip-compressed" || type == "application/x-zip" ||
         type.ends_with("+zip") || type == "application/java-archive" || type == "application/vnd.google-earth.kmz" ||
         type == "application/vnd.android.package-archive" || type.starts_with("application/vnd.openxmlformats-") ||
         type.starts_with("application/vnd.oasis.opendocument.") || type.starts_with("application/vnd.apple.") ||
         type.starts_with("application/x-iwork") || type.contains(".macroenabled");
}
bool held_in_ole(string_view type) noexcept {
  return type == "application/x-ole-storage" || type == "application/msword" || type == "application/x-msi" ||
         type == "application/vnd.visio" ||
         (type.starts_with("application/vnd.ms-") && !type.contains(".macroenabled"));
}
bool written(string_view type) noexcept {
  return type.starts_with("text/") || type.ends_with("+xml") || type.ends_with("/xml") || type.ends_with("json") ||
         type.ends_with("yaml") || type.ends_with("javascript") || type == "application/rtf";
}
bool never_written(string_view type) noexcept {
  return (type.starts_with("image/") || type.starts_with("audio/") || type.starts_with("video/")) &&
         !type.contains("mpegurl") && !type.contains("scpls");
}
// Of types whose files always begin in a way that we know.
bool always_shown(string_view type) noexcept {
  const auto family = family_of(type);
  return (!family.empty() && !family.starts_with('?')) || held_in_zip(type) || held_in_ole(type);
}

}  // namespace

string_view detected_media_type(string_view bytes) noexcept {
  bytes = bytes.substr(0, sniffed_bytes);
  if (bytes.empty()) return {};
  for (const auto& known : signatures)
    if (shows(bytes, known.at, known.bytes)) return known.type;
  for (auto detect : {riff, iso_media, matroska, zip, bitmap, windows_program, framed_audio})
    if (const auto type = detect(bytes); !type.empty()) return type;
  const bool utf16 = shows(bytes, 0, "\xFF\xFE") || shows(bytes, 0, "\xFE\xFF");
  if (utf16) return "text/plain";
  if (binary(bytes)) return no_known_type;
  if (shows(bytes, 0, "\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const auto marked = markup(bytes);
  return marked.empty() ? "text/plain" : marked;
}

bool may_be(string_view detected, string_view declared) noexcept {
  if (detected.empty() || detected == declared || declared.empty() || declared == no_known_type ||
      declared == "binary/octet-stream" || declared == "application/binary")
    return true;
  if (detected == no_known_type) return !always_shown(declared) && !written(declared);
  const auto shown = family_of(detected), said = family_of(declared);
  if (!shown.empty() && shown == said) return true;

  if (detected == "text/plain") {
    // Vector graphics, pages, cards and calendars are texts, and need not begin as most of them do.
    const bool marked = said == "html" || said == "svg" || said == "vcard" || said == "calendar";
    return marked || written(declared) || !(always_shown(declared) || never_written(declared));
  }
  if (shown == "html" || shown == "vcard" || shown == "calendar" || shown == "svg" || detected == "application/xml") {
    if (declared == "text/plain") return true;
    if (detected == "application/xml") return written(declared) && said != "rtf";
    return shown == "svg" && declared.ends_with("/xml");
  }
  if (held_in_zip(detected)) {
    const auto named = [](string_view type) { return std::ranges::find(kinds_of_zip, type) != std::end(kinds_of_zip); };
    return held_in_zip(declared) && !(named(detected) && named(declared));
  }
  if (held_in_ole(detected)) return held_in_ole(declared);
  // What we do not know may be built of what we do: a photo of a camera maker is a TIFF, a theme a ZIP.
  return said.empty() && !always_shown(declared) && !written(declared) &&
         declared.substr(0, declared.find('/')) == detected.substr(0, detected.find('/'));
}

}  // namespace switchboard::intake
