// Signatures over raw bytes: HMAC, SHA-256, Ed25519, and the comparison that does not tell where two values differ.
//
// Any thread. Each thread keeps one context for each digest and reuses it: a fresh one costs three times as much.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace switchboard::connectors {

enum class digest : std::uint8_t { sha1, sha256 };

// 20 or 32 bytes over the parts, one after the other.
class mac {
 public:
  mac(digest, std::string_view key, std::initializer_list<std::string_view> parts);
  std::string_view bytes() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<char, 32> bytes_;
  std::size_t size_;
};

// Whether `hex` (either case) is the MAC over the parts; nullopt when it is no hex of that length.
std::optional<bool> hex_mac_matches(std::string_view hex, digest, std::string_view key,
                                    std::initializer_list<std::string_view> parts);

std::array<char, 32> sha256(std::string_view);

// Length first, then every byte in constant time.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

struct free_key {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using key_handle = std::unique_ptr<EVP_PKEY, free_key>;

// Keys are read by any number of threads at once. null when the bytes are no key.
key_handle ed25519_public_key(std::string_view bytes32);
key_handle ed25519_private_key(std::string_view seed32);
bool ed25519_verify(EVP_PKEY& key, std::string_view signature, std::string_view message);
std::string ed25519_sign(EVP_PKEY& key, std::string_view message);  // 64 bytes

}  // namespace switchboard::connectors
