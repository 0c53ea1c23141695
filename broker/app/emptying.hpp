// Publishes everything that a journal holds and Kafka has not, outside of `serve`: for `replay` and `journal forward`.
#pragma once

#include <expected>
#include <string>

#include "broker/app/configuration.hpp"

namespace switchboard::app {

struct emptied {
  std::uint64_t units = 0, dead_lettered = 0;
};

// Ends when the backlog is empty, when `interrupted` says so, or when Kafka refuses for good; the error is for a person
// and what was not published is still in the journal.
std::expected<emptied, std::string> empty(journal::journal&, blobs::store&, publish::settings,
                                          const std::function<bool()>& interrupted);

}  // namespace switchboard::app
