// application/x-www-form-urlencoded: order and duplicates kept, nothing trimmed, bytes as they decode (not necessarily
// UTF-8). A malformed escape stays as it is written, as browsers and servers do. Any thread.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/contract.hpp"

namespace switchboard::connectors {

struct parameter {
  std::string_view name, value;
};

// The parameters of a body or a query, decoded. Owns the bytes that its views point to; moves, does not copy.
class form {
 public:
  static constexpr std::size_t most_parameters = 2000;

  // too_many_items beyond `most`; otherwise every text is a form.
  static std::expected<form, reject_code> parse(std::string_view encoded, std::size_t most = most_parameters);

  form(form&&) noexcept = default;
  form& operator=(form&&) noexcept = default;
  form(const form&) = delete;
  form& operator=(const form&) = delete;

  std::span<const parameter> parameters() const noexcept { return parameters_; }
  // The first of that name. Names are compared exactly. Absent is not empty.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  std::string_view get(std::string_view name) const noexcept { return find(name).value_or(std::string_view{}); }

 private:
  form() = default;
  std::vector<char> bytes_;
  std::vector<parameter> parameters_;
};

}  // namespace switchboard::connectors
