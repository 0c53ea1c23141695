#include "broker/app/offline.hpp"

#include "broker/base/clock.hpp"

namespace switchboard::app {

offline::offline(const configuration& c) : configuration_(c) {
  for (const auto& s : c.sources) sources_.emplace(s->id, s.get());
}

const intake::source* offline::find(std::string_view id) const noexcept {
  const auto found = sources_.find(id);
  return found == sources_.end() ? nullptr : found->second;
}

intake::environment offline::environment() const {
  intake::environment e;
  e.codec.dataschema_base = configuration_.dataschema_base;
  e.keys = &keys_;
  e.blob_retention_days = configuration_.blobs.retention_days;
  return e;
}

void offline::complete(intake::request_line& line, const intake::source& source) const {
  line.public_url(intake::called_url(source, line.target(), "https", line.host()));
  if (!line.has_time()) line.received_at(base::real_clock().wall());
}

}  // namespace switchboard::app
