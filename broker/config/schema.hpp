// Tables of options: what a section of the configuration may hold, as data. The check of a file, the binding of its
// values and the reference page are all made from them, so they cannot drift apart.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/tree.hpp"

namespace switchboard::config {

enum class type : std::uint8_t {
  boolean,
  integer,
  number,
  string,
  secret,
  duration,
  size,
  choice,    // one of option::choices
  strings,   // a list of strings; a single string stands for a list of one
  map,       // free names to strings
  section,   // option::nested
  sections,  // a list of option::nested
  any,       // checked by whoever binds it
};
std::string_view to_string(type) noexcept;

struct section;

// All views point to static storage. Ranges are inclusive, in the unit of the type: number, bytes, milliseconds.
struct option {
  std::string_view name;
  config::type type = config::type::string;
  std::string_view default_value{};  // as it would be written; empty: none
  std::string_view text{};           // one sentence
  bool required = false;
  std::int64_t least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
  std::span<const std::string_view> choices{};
  const section* nested = nullptr;
};

struct section {
  std::string_view name;
  std::string_view text;
  std::span<const option> options;
  std::string_view open{};  // what other keys are taken for ("properties of librdkafka"); empty: other keys are errors

  const option* find(std::string_view name) const noexcept;
};

// --- scalars ---
std::optional<bool> parse_boolean(std::string_view) noexcept;
std::optional<std::int64_t> parse_integer(std::string_view) noexcept;
std::optional<double> parse_number(std::string_view) noexcept;
// "250ms", "30s", "5m", "8h", "30d", "1h30m". A bare number is refused: its unit would be a guess.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view) noexcept;
// "4096", "64KiB", "10GiB", "5MB" (decimal).
std::optional<std::int64_t> parse_size(std::string_view) noexcept;

// The nearest of the candidates when it is near enough to be what was meant.
std::optional<std::string_view> nearest(std::string_view written, std::span<const std::string_view> candidates);

// --- checking and binding ---
// Reports everything in `value` that `table` does not allow: unknown and missing keys, wrong types, values out of
// range, empty secrets.
void check(const node& value, const section& table, report&);

// The values of one section, defaults from its table filled in. Only for what check() has found right or its caller
// then rejects: a value of the wrong type reads as its default. Views into the node and the table, which must outlive
// it.
class view {
 public:
  view(const node* value, const section& table) : value_(value), table_(&table) {}

  bool has(std::string_view name) const noexcept;  // written in the file
  place at(std::string_view name) const noexcept;  // of the value; of the section when it is not written
  const node* raw(std::string_view name) const noexcept;

  bool boolean(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;
  std::string text(std::string_view name) const;  // string, secret, choice
  std::chrono::milliseconds duration(std::string_view name) const;
  std::int64_t size(std::string_view name) const;
  std::vector<std::string> strings(std::string_view name) const;
  std::vector<std::pair<std::string, std::string>> map(std::string_view name) const;
  view sub(std::string_view name) const;
  std::vector<view> subs(std::string_view name) const;
  std::vector<const node::member*> others() const;  // keys that the table does not name, in an open section

 private:
  const option& known(std::string_view name, type) const;
  std::string_view scalar(std::string_view name, const option&) const;
  const node* value_;
  const section* table_;
};

// --- reference ---
// The table and those nested in it as Markdown; `path` is printed before each key ("kafka.").
std::string markdown(const section& table, std::string_view path = {});

}  // namespace switchboard::config
