// Builds the unit of one request: blobs, sealed originals, quarantine records, messages. One thread; lives as long as
// the request.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "broker/intake/assembly.hpp"

namespace switchboard::intake {

class unit_builder {
 public:
  unit_builder(const source&, const connectors::inbound&, const environment&, const schemas::verdict_info&,
               processed& out);

  // Beyond it also small blobs are files.
  static constexpr std::size_t in_unit_total = 8u << 20;

  // From here on nothing rides in the unit: every blob, the original too, is a file.
  void keep_outside() noexcept { outside_ = true; }

  // Stores bytes under their content and returns the reference "blob:tenant/day/sha256". What fits rides in the unit.
  struct stored_blob {
    std::string uri, sha256;
  };
  stored_blob store(const tenant&, std::string bytes);
  stored_blob store_sealed(const tenant&, std::string_view plain);
  schemas::timestamp blobs_expire_at() const;

  // Returns the index of the message.
  std::size_t add(schemas::encoded_event, std::uint64_t fingerprint, std::vector<std::string> also_to = {});
  journal::message& message(std::size_t index) { return out_.unit.messages[index]; }
  // `item`: which item of the request, whole_request for all of it; `owner` is nullptr where the account is unmapped.
  std::size_t quarantine(std::uint32_t item, connectors::reject_code, std::string_view pointer, const tenant* owner);
  void add_raw_copy(const tenant* owner, std::vector<uuid> events);

  const std::string& traceparent() const noexcept { return traceparent_; }

 private:
  void fill(schemas::original&, const tenant* owner);
  schemas::sealed_inbound sealed_inbound();

  const source& source_;
  const connectors::inbound& in_;
  const environment& environment_;
  const schemas::verdict_info& verdict_;
  processed& out_;
  const std::string day_;
  std::string traceparent_;
  std::unordered_set<std::string> references_;
  std::optional<schemas::sealed_inbound> original_in_blob_;
  bool original_written_ = false, outside_ = false;
  std::size_t in_unit_bytes_ = 0;
};

}  // namespace switchboard::intake
