// What `topics` and `check --kafka` do with the configured topics.
#pragma once

#include "broker/app/commands.hpp"
#include "broker/app/configuration.hpp"

namespace switchboard::app {

exit_code show_topics(const configuration&, topics_options::action, bool json);

}  // namespace switchboard::app
