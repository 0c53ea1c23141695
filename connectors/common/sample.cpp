#include "connectors/common/sample.hpp"

#include <xxhash.h>

#include "connectors/common/encoding.hpp"
#include "connectors/common/time.hpp"

namespace switchboard::connectors {

namespace {

XXH128_canonical_t fresh_bits(std::string_view name, const freshness& f) {
  const std::uint64_t seed[2] = {f.random, f.counter};
  XXH128_canonical_t bits;
  XXH128_canonicalFromHash(&bits, XXH3_128bits_withSeed(name.data(), name.size(), XXH3_64bits(seed, sizeof seed)));
  return bits;
}

std::string fresh_uuid(std::string_view name, const freshness& f) {
  const XXH128_canonical_t bits = fresh_bits(name, f);
  schemas::uuid id;
  static_assert(sizeof bits.digest == sizeof id.bytes);
  std::copy(std::begin(bits.digest), std::end(bits.digest), id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return schemas::to_string(id);
}

std::string fresh_digits(std::string_view name, std::size_t count, const freshness& f) {
  std::string out;
  for (const unsigned char byte : fresh_bits(name, f).digest) out += static_cast<char>('0' + byte % 10);
  return out.substr(0, count);
}

std::optional<std::string> value_of(std::string_view placeholder, const freshness& f) {
  const std::string_view kind = placeholder.substr(0, placeholder.find(':'));
  const std::string_view detail =
      kind.size() < placeholder.size() ? placeholder.substr(kind.size() + 1) : std::string_view{};
  const auto ms = f.now.time_since_epoch().count();
  if (kind == "uuid") return fresh_uuid(placeholder, f);
  if (kind == "sid") return std::string(detail) + fresh_hex(placeholder, f);
  if (kind == "number")
    return fresh_digits(placeholder, static_cast<std::size_t>(plain_integer(detail).value_or(16)), f);
  if (kind == "unix") return std::to_string(ms / 1000);
  if (kind == "unix_ms") return std::to_string(ms);
  if (kind == "rfc3339") return schemas::to_string(f.now);
  if (kind == "rfc2822") return to_rfc2822(f.now);
  if (kind == "run") return std::to_string(f.random % 1'000'000'000 + 1);
  if (kind == "counter") return std::to_string(f.counter);
  return std::nullopt;
}

}  // namespace

std::string fresh_hex(std::string_view name, const freshness& f) {
  const XXH128_canonical_t bits = fresh_bits(name, f);
  return to_hex({reinterpret_cast<const char*>(bits.digest), sizeof bits.digest});
}

std::string filled(std::string_view body, const freshness& f) {
  std::string out;
  out.reserve(body.size() + 128);
  for (;;) {
    const std::size_t open = body.find("{{");
    const std::size_t close = open == std::string_view::npos ? open : body.find("}}", open);
    if (close == std::string_view::npos) return out += body;
    const auto value = value_of(body.substr(open + 2, close - open - 2), f);
    out += body.substr(0, open);
    if (value) {
      out += *value;
      body.remove_prefix(close + 2);
    } else {
      out += body[open];
      body.remove_prefix(open + 1);
    }
  }
}

}  // namespace switchboard::connectors
