// Appends JSON members to one string. What is absent (empty, unset, without members) is not written. Internal to
// schemas.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/append.hpp"
#include "schemas/names.hpp"
#include "schemas/text.hpp"

namespace switchboard::schemas {

class json_writer {
 public:
  explicit json_writer(std::string& out) : out_(out) {}

  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    key(name);
    append_json_string(out_, value);
  }
  void integer(std::string_view name, std::int64_t value) {
    key(name);
    number(value);
  }
  void integer(std::string_view name, const std::optional<std::int64_t>& value) {
    if (value) integer(name, *value);
  }
  void real(std::string_view name, double value) {
    if (!std::isfinite(value)) return;
    key(name);
    number(value);
  }
  void real(std::string_view name, const std::optional<double>& value) {
    if (value) real(name, *value);
  }
  void boolean(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
  }
  void boolean(std::string_view name, const std::optional<bool>& value) {
    if (value) boolean(name, *value);
  }
  void only_true(std::string_view name, bool value) {
    if (value) boolean(name, true);
  }
  void time(std::string_view name, timestamp value) {
    key(name);
    out_ += '"';
    append_timestamp(out_, value);
    out_ += '"';
  }
  void time(std::string_view name, const std::optional<timestamp>& value) {
    if (value) time(name, *value);
  }
  void id(std::string_view name, const uuid& value) {
    key(name);
    out_ += '"';
    append_uuid(out_, value);
    out_ += '"';
  }
  void duration(std::string_view name_in_ms, const std::optional<milliseconds>& value) {
    if (value) integer(name_in_ms, value->count());
  }
  template <wire_enum E>
  void name(std::string_view member, E value) {
    key(member);
    quoted(to_string(value));
  }
  template <wire_enum E>
  void name(std::string_view member, const std::optional<E>& value) {
    if (value) name(member, *value);
  }
  void base64(std::string_view name, std::string_view bytes) {
    key(name);
    out_ += '"';
    append_base64(out_, bytes);
    out_ += '"';
  }
  // A value that `append` writes, quotes included.
  template <class Append>
  void value(std::string_view name, Append&& append) {
    key(name);
    append(out_);
  }
  // Text of ours that needs no escapes.
  void constant(std::string_view member, std::string_view value) {
    key(member);
    quoted(value);
  }

  template <class Members>
  void object(std::string_view name, Members&& members) {
    const std::size_t before = out_.size();
    key(name);
    open('{');
    const std::size_t empty = out_.size();
    members();
    close(before, empty, '}');
  }
  // A list of objects: `members` writes those of one element.
  template <class Range, class Members>
  void objects(std::string_view name, const Range& range, Members&& members) {
    list(name, [&] {
      for (const auto& element : range) {
        const std::size_t before = out_.size();
        separate();
        open('{');
        const std::size_t empty = out_.size();
        members(element);
        close(before, empty, '}');
      }
    });
  }
  template <class Range>
  void texts(std::string_view name, const Range& range) {
    list(name, [&] {
      for (const auto& element : range) {
        if (element.empty()) continue;
        separate();
        append_json_string(out_, element);
      }
    });
  }
  // A list of values of which each call of `element` writes one, quotes included.
  template <class Range, class Element>
  void values(std::string_view name, const Range& range, Element&& element) {
    list(name, [&] {
      for (const auto& value : range) {
        separate();
        element(out_, value);
      }
    });
  }

 private:
  bool first() const {
    const char last = out_.back();
    return last == '{' || last == '[';
  }
  void separate() {
    if (!first()) out_ += ',';
  }
  void key(std::string_view name) {
    const bool comma = !first();
    append_in_place(out_, name.size() + 3 + comma, [&](char* to) {
      if (comma) *to++ = ',';
      *to++ = '"';
      to = std::copy_n(name.data(), name.size(), to);
      *to++ = '"';
      *to = ':';
    });
  }
  void quoted(std::string_view plain) {
    append_in_place(out_, plain.size() + 2, [&](char* to) {
      *to++ = '"';
      *std::copy_n(plain.data(), plain.size(), to) = '"';
    });
  }
  void open(char bracket) { out_ += bracket; }
  void close(std::size_t before, std::size_t empty, char bracket) {
    if (out_.size() == empty)
      out_.resize(before);
    else
      out_ += bracket;
  }
  template <class Elements>
  void list(std::string_view name, Elements&& elements) {
    const std::size_t before = out_.size();
    key(name);
    open('[');
    const std::size_t empty = out_.size();
    elements();
    close(before, empty, ']');
  }
  template <class Number>
  void number(Number value) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value);
    out_.append(text, end.ptr);
  }

  std::string& out_;
};

}  // namespace switchboard::schemas
