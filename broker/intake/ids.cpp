#include "broker/intake/ids.hpp"

#include <algorithm>

#include "broker/intake/keys.hpp"

namespace switchboard::intake {
namespace {

enum class kind : char {
  event = 1,
  content = 2,
  unsupported = 3,
  quarantine = 4,
  raw = 5,
  object = 6,
  superseding = 7
};

// Collects what is hashed; short enough for the stack in all but odd cases.
class material {
 public:
  explicit material(kind what) {
    bytes_.reserve(192);
    bytes_ += static_cast<char>(what);
  }
  material& add(const uuid& id) {
    bytes_.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
    return *this;
  }
  material& add(std::uint32_t number) { return add_big_endian(number, 4); }
  material& add(std::uint64_t number) { return add_big_endian(number, 8); }
  material& add(std::string_view text) {
    add(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  uuid id(std::string_view and_then = {}) const {
    const auto digest = sha256({bytes_, and_then});
    uuid out;
    std::copy_n(digest.begin(), out.bytes.size(), out.bytes.begin());
    out.bytes[6] = static_cast<std::uint8_t>((out.bytes[6] & 0x0F) | 0x80);
    out.bytes[8] = static_cast<std::uint8_t>((out.bytes[8] & 0x3F) | 0x80);
    return out;
  }

 private:
  material& add_big_endian(std::uint64_t number, int width) {
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) bytes_ += static_cast<char>(number >> shift);
    return *this;
  }
  std::string bytes_;
};

}  // namespace

uuid event_id(const uuid& name_space, std::string_view provider_key, std::string_view type, std::uint32_t ordinal) {
  return material(kind::event).add(name_space).add(provider_key).add(type).add(ordinal).id();
}

uuid content_event_id(const uuid& name_space, std::uint64_t fingerprint, std::span<const std::string> parts,
                      std::string_view type, std::uint32_t ordinal) {
  material m(kind::content);
  m.add(name_space).add(fingerprint).add(type).add(ordinal).add(static_cast<std::uint32_t>(parts.size()));
  for (const auto& part : parts) m.add(std::string_view(part));
  return m.id();
}

uuid unsupported_id(const uuid& name_space, std::string_view provider_key, std::uint64_t fingerprint,
                    std::uint32_t ordinal) {
  material m(kind::unsupported);
  m.add(name_space).add(provider_key).add(ordinal);
  if (provider_key.empty()) m.add(fingerprint);
  return m.id();
}

uuid quarantine_id(const uuid& name_space, std::string_view method, std::string_view target, std::string_view body,
                   std::uint32_t item) {
  return material(kind::quarantine).add(name_space).add(item).add(method).add(target).id(body);
}

uuid raw_id(const uuid& name_space, std::string_view method, std::string_view target, std::string_view body,
            schemas::timestamp received_at) {
  const auto at = static_cast<std::uint64_t>(received_at.time_since_epoch().count());
  return material(kind::raw).add(name_space).add(at).add(method).add(target).id(body);
}

uuid object_id(std::string_view tenant, std::string_view provider, std::string_view external_id) {
  return material(kind::object).add(tenant).add(provider).add(external_id).id();
}

uuid superseding_id(const uuid& superseded, std::string_view revision) {
  return material(kind::superseding).add(superseded).add(revision).id();
}

}  // namespace switchboard::intake
