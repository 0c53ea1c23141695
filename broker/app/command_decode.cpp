#include <fmt/format.h>

#include "broker/app/capture.hpp"
#include "broker/app/command_common.hpp"
#include "broker/app/commands.hpp"
#include "broker/app/line_reader.hpp"
#include "broker/app/offline.hpp"
#include "broker/intake/decode_line.hpp"

namespace switchboard::app {
namespace {

constexpr std::size_t write_at_once = 256u << 10;

}  // namespace

exit_code decode(const decode_options& o) {
  const auto c = load_or_explain(o.config, {.without_secrets = o.skip_verify, .environment = {}});
  if (!c) return exit_code::configuration;
  auto lines = line_reader::open(o.requests);
  if (!lines) return fail(exit_code::no_input, lines.error());
  const offline decoder(*c);
  auto environment = decoder.environment();
  environment.skip_verify = o.skip_verify;
  std::fputs("switchboard: decode never dedupes: a request that stands twice gives its events twice\n", stderr);
  if (o.skip_verify) std::fputs("switchboard: --skip-verify: nothing is checked for authenticity\n", stderr);

  std::string out, opened;
  std::uint64_t malformed = 0;
  const auto refuse = [&](std::string_view source, int status, std::string_view code, std::string_view message) {
    ++malformed;
    fail(exit_code::bad_input, fmt::format("{}:{}: {}", o.requests, lines->number(), message));
    intake::append_undecoded(out, source, status, code, message);
  };
  while (auto text = lines->next()) {
    if (text->empty()) continue;
    if (out.size() >= write_at_once) {
      if (!print(out)) return exit_code::cannot_write;
      out.clear();
    }
    if (lines->too_long()) {
      refuse("", 413, "malformed_line", "the line is too long");
      continue;
    }
    if (auto sealed = open_sealed_line(*text, c->tenants); !sealed) {
      refuse("", 400, "sealed_line", sealed.error());
      continue;
    } else if (*sealed) {
      opened = std::move(**sealed);
      text = opened;
    }
    auto line = intake::request_line::parse(*text);
    if (!line) {
      refuse("", 400, "malformed_line", intake::to_string(line.error()));
      continue;
    }
    const auto* source = decoder.find(o.source.empty() ? line->source() : o.source);
    if (source == nullptr) {
      refuse(line->source(), 404, "unknown_source", "the configuration has no such source");
      continue;
    }
    if (source->prepared == nullptr) {
      refuse(line->source(), 503, "unprepared_source", "the source cannot be prepared without its secrets");
      continue;
    }
    decoder.complete(*line, *source);
    const auto result = intake::process(*source, line->inbound(), environment);
    intake::append_decoded(out, *source, line->inbound(), result, environment);
  }
  if (!print(out) || std::fflush(stdout) != 0) return exit_code::cannot_write;
  return malformed == 0 ? exit_code::ok : exit_code::bad_input;
}

}  // namespace switchboard::app
