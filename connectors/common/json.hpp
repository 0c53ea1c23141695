// JSON as it comes from outside: simdjson's DOM, which validates everything, behind limits.
//
// Elements live until the next parse into the same slot on the same thread. Any thread.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/contract.hpp"
#include "schemas/names.hpp"

namespace switchboard::connectors::json {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// Each thread has one parser a slot: `nested` is for JSON inside a value of the request's JSON or form.
enum class slot : std::uint8_t { request, nested };

// Parses in place: at least inbound::body_padding readable bytes follow `text`. malformed_body, too_deep (depth),
// out_of_range (a number that no int64, uint64 or double holds), invalid_utf8 (lone surrogates included).
std::expected<element, reject_code> parse(std::string_view text, std::size_t depth);
// The same for text without padding: copies.
std::expected<element, reject_code> parse_copy(std::string_view text, std::size_t depth, slot = slot::nested);

// Whether some key stands twice in this object (not in those below it).
bool has_duplicate_keys(object);

// RFC 6901. nullopt when the pointer leads nowhere.
std::optional<element> at(element, std::string_view pointer);

// nullopt when it is of another type; integers are never read as doubles nor the other way round.
std::optional<std::string_view> text(element);
std::optional<std::int64_t> integer(element);
std::optional<double> number(element);  // any finite number
std::optional<bool> boolean(element);
// What a scalar says, as a text: strings as they are, numbers and booleans as JSON writes them. nullopt for null,
// objects, arrays.
std::optional<std::string> scalar(element);
// Compact JSON of the element.
std::string minified(element);

// The members of one object, read one by one; the first thing that is wrong is kept. null counts as absent.
class reader {
 public:
  reader(object from, std::string pointer) : object_(from), pointer_(std::move(pointer)) {}

  std::optional<element> find(std::string_view name);
  // Empty or nullopt when absent or wrong.
  std::string_view text(std::string_view name);
  std::string_view identifier(std::string_view name, std::size_t bytes = 256);  // no control characters
  std::optional<std::int64_t> integer(std::string_view name);
  std::optional<std::int64_t> count(std::string_view name);  // an integer ≥ 0
  std::optional<double> number(std::string_view name);
  std::optional<bool> boolean(std::string_view name);
  std::optional<object> sub(std::string_view name);
  std::optional<array> list(std::string_view name);
  // RFC 3339 or an integer of milliseconds since 1970.
  std::optional<timestamp> time(std::string_view name);
  // As providers write it that do not keep to one way: from_iso8601(), or from_unix() of a number or its digits.
  std::optional<timestamp> loose_time(std::string_view name);
  // An id that comes as a number or as a text, as a text; identifier() otherwise.
  std::string id(std::string_view name, std::size_t bytes = 256);
  // A name of a wire enum; out_of_range when it is none.
  template <class Enum>
  std::optional<Enum> choice(std::string_view name) {
    const std::string_view value = text(name);
    if (value.empty()) return std::nullopt;
    const auto found = schemas::from_string<Enum>(value);
    if (!found) fail(reject_code::out_of_range, name);
    return found;
  }

  // For values that must be there.
  void require(bool present, std::string_view name) {
    if (!present) fail(reject_code::missing_field, name);
  }
  void fail(reject_code, std::string_view name);  // an empty name: the object itself
  // Takes over what is wrong in a part of this object.
  void merge(const reader& part) {
    if (!code_) code_ = part.code_, wrong_ = part.wrong_;
  }
  std::string path(std::string_view name) const;

  bool failed() const noexcept { return code_.has_value(); }
  reject_code code() const noexcept { return *code_; }
  const std::string& wrong() const noexcept { return wrong_; }  // a JSON Pointer

 private:
  object object_;
  std::string pointer_;
  std::optional<reject_code> code_;
  std::string wrong_;
};

}  // namespace switchboard::connectors::json
