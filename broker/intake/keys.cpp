#include "broker/intake/keys.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <utility>

namespace switchboard::intake {
namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* handle) const noexcept {
    Free(handle);
  }
};

// Digests and MACs do not fail on memory that is there; a process without SHA-256 has nothing it could promise.
void must(bool fine, const char* what) {
  if (fine) return;
  std::fprintf(stderr, "OpenSSL: %s failed\n", what);
  std::abort();
}

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::array<unsigned char, 4> big_endian(std::size_t length) {
  const auto n = static_cast<std::uint32_t>(length);
  return {static_cast<unsigned char>(n >> 24), static_cast<unsigned char>(n >> 16), static_cast<unsigned char>(n >> 8),
          static_cast<unsigned char>(n)};
}

// One MAC context a thread. Setting a key costs twice what a short MAC does, and neighbours mostly belong to one
// tenant.
class thread_mac {
 public:
  thread_mac() {
    std::unique_ptr<EVP_MAC, freed_by<EVP_MAC_free>> hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    context_.reset(hmac ? EVP_MAC_CTX_new(hmac.get()) : nullptr);
    must(context_ != nullptr, "HMAC");
  }
  EVP_MAC_CTX* begin(const std::array<std::uint8_t, 32>& key) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    const bool same = keyed_ && key == key_;
    must(same ? EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1
              : EVP_MAC_init(context_.get(), key.data(), key.size(), parameters) == 1,
         "EVP_MAC_init");
    key_ = key;
    keyed_ = true;
    return context_.get();
  }

 private:
  std::unique_ptr<EVP_MAC_CTX, freed_by<EVP_MAC_CTX_free>> context_;
  std::array<std::uint8_t, 32> key_{};
  bool keyed_ = false;
};

}  // namespace

std::array<std::uint8_t, 32> hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info) {
  std::unique_ptr<EVP_KDF, freed_by<EVP_KDF_free>> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  std::unique_ptr<EVP_KDF_CTX, freed_by<EVP_KDF_CTX_free>> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  std::string digest = "SHA256", key(secret), salted(salt), purpose(info);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salted.data(), salted.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, purpose.data(), purpose.size()),
      OSSL_PARAM_construct_end()};
  std::array<std::uint8_t, 32> out{};
  if (!context || EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) != 1)
    throw std::runtime_error("HKDF is not available in this OpenSSL");
  return out;
}

tenant derive_tenant(std::string id, std::string_view secret) {
  tenant out;
  out.hash_key = hkdf_sha256(secret, id, "switchboard keyed hash");
  out.seal_key = hkdf_sha256(secret, id, "switchboard seal");
  out.id = std::move(id);
  return out;
}

sha256_digest sha256(std::initializer_list<std::string_view> parts) {
  struct contexts {
    std::unique_ptr<EVP_MD, freed_by<EVP_MD_free>> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>> context{EVP_MD_CTX_new()};
  };
  thread_local contexts mine;
  must(mine.algorithm && mine.context, "SHA-256");
  auto* context = mine.context.get();
  sha256_digest out;
  unsigned length = 0;
  must(EVP_DigestInit_ex2(context, mine.algorithm.get(), nullptr) == 1, "EVP_DigestInit_ex2");
  for (auto part : parts) must(EVP_DigestUpdate(context, part.data(), part.size()) == 1, "EVP_DigestUpdate");
  must(EVP_DigestFinal_ex(context, out.data(), &length) == 1 && length == out.size(), "EVP_DigestFinal_ex");
  return out;
}

std::string to_hex(std::span<const std::uint8_t> data) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(data.size() * 2);
  for (auto byte : data) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string base32_128(std::span<const std::uint8_t, 16> data) {
  constexpr char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  out.reserve(26);
  std::uint32_t pending = 0;
  int bits = 0;
  for (auto byte : data) {
    pending = (pending << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += alphabet[(pending >> (bits - 5)) & 31];
    pending &= 0xFF;
  }
  out += alphabet[(pending << (5 - bits)) & 31];
  return out;
}

std::string keyed_hash(const tenant& owner, hash_purpose purpose, std::span<const std::string_view> parts) {
  thread_local thread_mac mine;
  auto* mac = mine.begin(owner.hash_key);
  const auto label = static_cast<unsigned char>(purpose);
  must(EVP_MAC_update(mac, &label, 1) == 1, "EVP_MAC_update");
  for (auto part : parts) {
    const auto length = big_endian(part.size());
    must(EVP_MAC_update(mac, length.data(), length.size()) == 1 && EVP_MAC_update(mac, bytes(part), part.size()) == 1,
         "EVP_MAC_update");
  }
  std::array<std::uint8_t, 32> out;
  std::size_t length = 0;
  must(EVP_MAC_final(mac, out.data(), &length, out.size()) == 1 && length == out.size(), "EVP_MAC_final");
  return base32_128(std::span<const std::uint8_t, 16>(out.data(), 16));
}

}  // namespace switchboard::intake
