// The helpers below all connectors: forms, JSON, encodings, times, UTF-8, over any bytes.
#include <cstdlib>
#include <string>

#include "connectors/common/encoding.hpp"
#include "connectors/common/form.hpp"
#include "connectors/common/html.hpp"
#include "connectors/common/json.hpp"
#include "connectors/common/mail.hpp"
#include "connectors/common/mail_report.hpp"
#include "connectors/common/peers.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"
#include "connectors/common/url.hpp"

namespace {

using namespace switchboard::connectors;

void must(bool holds) {
  if (!holds) std::abort();
}

void walk(json::element e) {
  if (json::object object; !e.get(object)) {
    static_cast<void>(json::has_duplicate_keys(object));
    for (const auto member : object) {
      must(valid_utf8(member.key));
      walk(member.value);
    }
    json::reader reader(object, "");
    for (const char* name : {"a", "time", "seq"}) {
      static_cast<void>(reader.time(name));
      static_cast<void>(reader.count(name));
      static_cast<void>(reader.identifier(name));
    }
  } else if (json::array array; !e.get(array)) {
    for (const json::element each : array) walk(each);
  } else if (const auto text = json::text(e)) {
    must(valid_utf8(*text));
  } else {
    static_cast<void>(json::integer(e));
    static_cast<void>(json::number(e));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto f = form::parse(bytes))
    for (const auto& [name, value] : f->parameters()) must(name.size() + value.size() <= size);
  if (const auto root = json::parse_copy(bytes, 64)) walk(*root);
  must(valid_utf8(repaired(bytes)));
  must(valid_utf8(bytes) == (repaired(bytes) == bytes));
  must(valid_utf8(cut(repaired(bytes), size / 2)));
  must(from_base64(to_base64(bytes)) == bytes && from_hex(to_hex(bytes)) == bytes);
  if (const auto decoded = from_base64(bytes)) must(to_base64(*decoded) == bytes);
  static_cast<void>(from_rfc2822(bytes));
  static_cast<void>(plain_integer(bytes));
  static_cast<void>(with_and_without_port(bytes));
  static_cast<void>(language_tag(bytes));
  static_cast<void>(address_range::parse(bytes));
  const std::string whole = repaired(bytes);
  must(valid_utf8(text_of_html(whole)) && text_of_html(whole).size() <= 3 * whole.size() + 2);
  must(content_ids_of_html(whole).size() <= 1000);
  for (const auto& box : mail::mailboxes(whole)) must(!box.address.empty() && valid_utf8(box.name));
  for (const auto kind : {mail::report_kind::delivery, mail::report_kind::disposition, mail::report_kind::feedback})
    must(mail::read_report(kind, bytes).outcomes.size() <= 100);
  for (const auto id : mail::message_ids(whole)) must(id.starts_with('<') && id.ends_with('>'));
  must(valid_utf8(mail::file_name(bytes)) && !mail::file_name(bytes).contains('/'));
  return 0;
}
