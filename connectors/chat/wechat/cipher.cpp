#include "connectors/chat/wechat/cipher.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>

#include "connectors/common/encoding.hpp"

namespace switchboard::connectors::wechat {

namespace {

[[maybe_unused]] constexpr std::size_t key_bytes = 32;
constexpr std::size_t block = 32, iv_bytes = 16, longest = std::size_t{64} << 20;

// AES-256-CBC is in every build of OpenSSL 3.
void must(bool worked) noexcept {
  if (!worked) std::abort();
}

std::uint32_t big_endian(std::string_view four) noexcept {
  std::uint32_t out = 0;
  for (const char c : four.substr(0, 4)) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

}  // namespace

std::string signature_of(std::vector<std::string_view> parts) {
  std::ranges::sort(parts);
  std::string joined;
  for (const std::string_view part : parts) joined += part;
  unsigned char hash[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(joined.data()), joined.size(), hash);
  return to_hex({reinterpret_cast<const char*>(hash), sizeof hash});
}

std::optional<plaintext> plaintext::parse(std::string bytes) {
  if (bytes.size() < head) return std::nullopt;
  const auto pad = static_cast<unsigned char>(bytes.back());
  if (pad < 1 || pad > block || bytes.size() < head + pad) return std::nullopt;
  const std::string_view padding = std::string_view(bytes).substr(bytes.size() - pad);
  if (padding.find_first_not_of(static_cast<char>(pad)) != padding.npos) return std::nullopt;
  const std::size_t size = big_endian(std::string_view(bytes).substr(head - 4));
  if (size > bytes.size() - pad - head) return std::nullopt;
  bytes.resize(bytes.size() - pad);
  return plaintext(std::move(bytes), size);
}

message_key::message_key(std::string key) : key_(std::move(key)), opens_(make(key_, false)), seals_(make(key_, true)) {}

std::optional<message_key> message_key::from_text(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t characters = 43;
  if (text.size() != characters || alphabet.find(text.back()) == alphabet.npos) return std::nullopt;
  // 43 characters hold two bits more than the key. WeChat makes them at random; strict base64 wants them 0.
  std::string canonical(text);
  canonical.back() = alphabet[alphabet.find(text.back()) & ~std::size_t{3}];
  auto key = from_base64(canonical + '=');
  if (!key) return std::nullopt;
  return message_key(std::move(*key));
}

message_key::context message_key::make(const std::string& key, bool encrypts) {
  assert(key.size() == key_bytes && iv_bytes <= key_bytes);
  const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
  context out(EVP_CIPHER_CTX_new());
  must(out && EVP_CipherInit_ex(out.get(), EVP_aes_256_cbc(), nullptr, bytes, bytes, encrypts ? 1 : 0) == 1 &&
       EVP_CIPHER_CTX_set_padding(out.get(), 0) == 1);
  return out;
}

void message_key::run(const context& prepared, std::string& bytes) {
  thread_local const context scratch(EVP_CIPHER_CTX_new());
  auto* data = reinterpret_cast<unsigned char*>(bytes.data());
  int size = 0;
  must(scratch && EVP_CIPHER_CTX_copy(scratch.get(), prepared.get()) == 1 &&
       EVP_CipherUpdate(scratch.get(), data, &size, data, static_cast<int>(bytes.size())) == 1);
}

std::optional<plaintext> message_key::unseal(std::string_view base64) const {
  auto bytes = from_base64(base64);
  if (!bytes || bytes->empty() || bytes->size() % iv_bytes != 0 || bytes->size() > longest) return std::nullopt;
  run(opens_, *bytes);
  return plaintext::parse(std::move(*bytes));
}

std::string message_key::seal(std::string_view random16, std::string_view content, std::string_view app_id) const {
  assert(random16.size() == 16 && content.size() <= longest);
  std::string bytes(random16);
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(content.size() >> shift & 0xFF);
  bytes += content;
  bytes += app_id;
  const std::size_t pad = block - bytes.size() % block;
  bytes.append(pad, static_cast<char>(pad));
  run(seals_, bytes);
  return to_base64(bytes);
}

}  // namespace switchboard::connectors::wechat
