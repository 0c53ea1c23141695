// Keys and confirmations from the web, for verification and handshakes that need them.
//
// One thread, a bounded queue, https only, certificates verified, no redirects, no address that is not public, small
// answers, a few seconds. A key is fetched once and kept a day; a failure is remembered for some seconds, so that
// forged requests cause no storm.
#pragma once

#include <memory>

#include "broker/app/corridor.hpp"

namespace switchboard::app {

std::unique_ptr<web> make_web();

}  // namespace switchboard::app
