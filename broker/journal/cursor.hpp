// Reads units back, behind the writer. Owned by the publisher thread; shares only `readable` with the journal thread.
#pragma once

#include <memory>

#include "broker/journal/scan.hpp"
#include "broker/journal/segments.hpp"

namespace switchboard::journal {

std::unique_ptr<cursor> make_cursor(base::file_system&, const format::paths&, std::uint64_t salt,
                                    std::shared_ptr<readable>, std::uint64_t after);

}  // namespace switchboard::journal
