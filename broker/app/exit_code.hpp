// What the program's exit tells scripts: sysexits.h by name.
#pragma once

#include <sysexits.h>

namespace switchboard::app {

enum class exit_code : int {
  ok = EX_OK,
  findings = 1,                  // a verification found differences or damage
  usage = EX_USAGE,              // the command line
  bad_input = EX_DATAERR,        // what was read is not what it should be
  no_input = EX_NOINPUT,         // a file is not there
  unavailable = EX_UNAVAILABLE,  // a broker or Kafka does not answer
  internal = EX_SOFTWARE,
  cannot_write = EX_IOERR,
  temporary = EX_TEMPFAIL,  // try again: the drain ran out of time, the journal is locked
  refused = EX_NOPERM,
  configuration = EX_CONFIG,
};

}  // namespace switchboard::app
