#include "connectors/common/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <cassert>
#include <cstdlib>

#include "connectors/common/encoding.hpp"

namespace switchboard::connectors {

namespace {

struct free_mac_context {
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};
using mac_context = std::unique_ptr<EVP_MAC_CTX, free_mac_context>;

struct free_digest_context {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

const unsigned char* unsigned_bytes(std::string_view s) noexcept {
  return reinterpret_cast<const unsigned char*>(s.data());
}

// HMAC, SHA-1 and SHA-256 are in every build of OpenSSL 3; without them nothing can be verified.
void must(bool worked) noexcept {
  if (!worked) std::abort();
}

mac_context make_context(const char* name) {
  EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  must(algorithm != nullptr);
  mac_context context(EVP_MAC_CTX_new(algorithm));
  EVP_MAC_free(algorithm);
  must(context != nullptr);
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(name), 0),
                                   OSSL_PARAM_construct_end()};
  must(EVP_MAC_CTX_set_params(context.get(), parameters) == 1);
  return context;
}

// Setting a key costs as much as hashing a short message, and neighbours mostly have the same one.
struct keyed_context {
  mac_context context;
  std::string key;  // empty: none was set

  EVP_MAC_CTX* begin(std::string_view wanted) {
    const bool same = key == wanted;
    must(EVP_MAC_init(context.get(), same ? nullptr : unsigned_bytes(wanted), same ? 0 : wanted.size(), nullptr) == 1);
    if (!same) key = wanted;
    return context.get();
  }
};

keyed_context& context_of(digest d) {
  thread_local std::array<keyed_context, 2> contexts{{{make_context("SHA1"), {}}, {make_context("SHA256"), {}}}};
  return contexts[static_cast<std::size_t>(d)];
}

}  // namespace

mac::mac(digest d, std::string_view key, std::initializer_list<std::string_view> parts) {
  assert(!key.empty());
  EVP_MAC_CTX* context = context_of(d).begin(key);
  for (const std::string_view part : parts) must(EVP_MAC_update(context, unsigned_bytes(part), part.size()) == 1);
  must(EVP_MAC_final(context, reinterpret_cast<unsigned char*>(bytes_.data()), &size_, bytes_.size()) == 1);
}

std::array<char, 32> sha256(std::string_view bytes) {
  std::array<char, 32> out;
  SHA256(unsigned_bytes(bytes), bytes.size(), reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<bool> hex_mac_matches(std::string_view hex, digest which, std::string_view key,
                                    std::initializer_list<std::string_view> parts) {
  const mac expected(which, key, parts);
  const auto given = from_hex(hex);
  if (!given || given->size() != expected.bytes().size()) return std::nullopt;
  return equal_in_constant_time(*given, expected.bytes());
}

key_handle ed25519_public_key(std::string_view bytes) {
  return key_handle(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, unsigned_bytes(bytes), bytes.size()));
}

key_handle ed25519_private_key(std::string_view seed) {
  return key_handle(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, unsigned_bytes(seed), seed.size()));
}

bool ed25519_verify(EVP_PKEY& key, std::string_view signature, std::string_view message) {
  if (signature.size() != 64) return false;
  const std::unique_ptr<EVP_MD_CTX, free_digest_context> context(EVP_MD_CTX_new());
  must(context != nullptr);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, &key) == 1 &&
         EVP_DigestVerify(context.get(), unsigned_bytes(signature), signature.size(), unsigned_bytes(message),
                          message.size()) == 1;
}

std::string ed25519_sign(EVP_PKEY& key, std::string_view message) {
  const std::unique_ptr<EVP_MD_CTX, free_digest_context> context(EVP_MD_CTX_new());
  must(context != nullptr);
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, &key) == 1 &&
       EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, unsigned_bytes(message),
                      message.size()) == 1);
  return signature;
}

}  // namespace switchboard::connectors
