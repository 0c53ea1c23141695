// Whatever is read is written and read again as the same request.
#include <cstdint>
#include <cstdlib>

#include "broker/intake/request_line.hpp"

using namespace switchboard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto line = intake::request_line::parse({reinterpret_cast<const char*>(data), size});
  if (!line) return 0;
  std::string written;
  intake::append_request_line(written, line->source(), line->inbound(), intake::redaction::as_it_came);
  const auto again = intake::request_line::parse(written);
  if (!again || again->source() != line->source()) std::abort();
  const auto &a = line->inbound(), &b = again->inbound();
  if (a.method != b.method || a.target != b.target || a.body != b.body || a.received_at != b.received_at ||
      a.peer != b.peer || a.headers.size() != b.headers.size())
    std::abort();
  for (std::size_t i = 0; i < a.headers.size(); ++i)
    if (a.headers[i].name != b.headers[i].name || a.headers[i].value != b.headers[i].value) std::abort();
  return 0;
}
