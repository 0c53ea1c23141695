#include "broker/intake/sealing.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace switchboard::intake {
namespace {

constexpr std::string_view magic = "SBS1";
constexpr std::size_t nonce_bytes = 12, tag_bytes = 16;

struct free_cipher {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using cipher = std::unique_ptr<EVP_CIPHER_CTX, free_cipher>;

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "OpenSSL: %s failed\n", what);
  std::abort();
}

unsigned char* bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }
const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void append_short(std::string& out, std::string_view text) {
  assert(text.size() < 256);
  out += static_cast<char>(text.size());
  out += text;
}
bool take_short(std::string_view& from, std::string_view& out) {
  if (from.empty()) return false;
  const auto length = static_cast<unsigned char>(from[0]);
  if (from.size() < 1u + length) return false;
  out = from.substr(1, length);
  from.remove_prefix(1u + length);
  return true;
}

}  // namespace

void openssl_random(std::span<std::uint8_t> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) give_up("RAND_bytes");
}

std::string seal_key_id(const tenant& owner) {
  const std::string_view key(reinterpret_cast<const char*>(owner.seal_key.data()), owner.seal_key.size());
  const auto digest = sha256({"switchboard seal key id", key});
  return to_hex(std::span(digest).first(8));
}

std::string seal(const tenant& owner, std::string_view plain, const random_source& random) {
  std::string out;
  out.reserve(plain.size() + seal_overhead_limit);
  out += magic;
  append_short(out, seal_key_id(owner));
  append_short(out, owner.id);
  const auto header = out.size();
  std::array<std::uint8_t, nonce_bytes> nonce;
  random ? random(nonce) : openssl_random(nonce);
  out.append(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  const auto body = out.size();
  out.resize(body + plain.size() + tag_bytes);

  cipher context(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool sealed =
      context &&
      EVP_EncryptInit_ex2(context.get(), EVP_aes_256_gcm(), owner.seal_key.data(), nonce.data(), nullptr) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &written, bytes(out.data()), static_cast<int>(header)) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes(out.data() + body), &written, bytes(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), bytes(out.data() + body + plain.size()), &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, out.data() + body + plain.size()) == 1;
  if (!sealed) give_up("AES-256-GCM");
  return out;
}

std::string_view to_string(open_error error) noexcept {
  switch (error) {
    case open_error::malformed:
      return "these are no sealed bytes";
    case open_error::other_key:
      return "sealed with another tenant's or another key";
    case open_error::damaged:
      return "the sealed bytes were changed";
  }
  return "unknown";
}

std::expected<std::string, open_error> open(const tenant& owner, std::string_view sealed) {
  auto rest = sealed;
  std::string_view key_id, id;
  if (!rest.starts_with(magic)) return std::unexpected(open_error::malformed);
  rest.remove_prefix(magic.size());
  if (!take_short(rest, key_id) || !take_short(rest, id) || rest.size() < nonce_bytes + tag_bytes)
    return std::unexpected(open_error::malformed);
  if (key_id != seal_key_id(owner) || id != owner.id) return std::unexpected(open_error::other_key);
  const auto header = sealed.substr(0, sealed.size() - rest.size());
  const auto nonce = rest.substr(0, nonce_bytes);
  const auto body = rest.substr(nonce_bytes, rest.size() - nonce_bytes - tag_bytes);
  std::string tag(rest.substr(rest.size() - tag_bytes)), out(body.size(), '\0');

  cipher context(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool opened =
      context &&
      EVP_DecryptInit_ex2(context.get(), EVP_aes_256_gcm(), owner.seal_key.data(), bytes(nonce), nullptr) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &written, bytes(header), static_cast<int>(header.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes(out.data()), &written, bytes(body), static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes(out.data() + out.size()), &written) == 1;
  if (!opened) return std::unexpected(open_error::damaged);
  return out;
}

}  // namespace switchboard::intake
