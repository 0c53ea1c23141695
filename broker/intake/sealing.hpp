// Originals at rest: AES-256-GCM with the tenant's seal key. Pure but for the nonce. Any thread.
//
// The form: "SBS1", then the key's id and the tenant's id, each preceded by one byte of length, a nonce of 96 bits, the
// ciphertext, the tag of 128 bits. Everything before the nonce is authenticated with the ciphertext, so that nobody
// passes one tenant's bytes off as another's. A random nonce is safe for 2^32 originals under one key.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "broker/intake/keys.hpp"

namespace switchboard::intake {

// Fills the span with bytes that nobody can guess. Replaced in tests, where equal input has to give equal bytes.
using random_source = std::function<void(std::span<std::uint8_t>)>;
void openssl_random(std::span<std::uint8_t>);  // aborts when the system has no randomness

// Names the key without telling it: 16 hex characters.
std::string seal_key_id(const tenant&);

std::string seal(const tenant&, std::string_view plain, const random_source&);  // an empty source is openssl_random

enum class open_error : std::uint8_t { malformed, other_key, damaged };
std::string_view to_string(open_error) noexcept;
std::expected<std::string, open_error> open(const tenant&, std::string_view sealed);
inline constexpr std::size_t seal_overhead_limit = 4 + 2 * 256 + 12 + 16;

}  // namespace switchboard::intake
