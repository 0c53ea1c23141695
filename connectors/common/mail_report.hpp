// Reports that mail systems send back as mail: what became of a message (RFC 3464), that it was read (RFC 8098), that
// its reader complains (RFC 5965). Pure, any thread, linear time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/contract.hpp"

namespace switchboard::connectors::mail {

enum class report_kind : std::uint8_t { none, delivery, disposition, feedback };
report_kind report_kind_of(std::string_view media_type) noexcept;  // of the report's own part

struct report {
  struct outcome {
    std::string recipient;  // an address
    schemas::receipt_status status = schemas::receipt_status::bounced;
    std::string code, text;  // "5.1.1"; what the other server said
  };
  std::vector<outcome>
      outcomes;            // of a delivery or disposition report; of a feedback report the complaining recipients
  std::string message_id;  // of the original, "<…>", where the report itself says so
};

// The part of that kind, read line by line. A recipient without a usable action is left out. At most 100 outcomes.
report read_report(report_kind, std::string_view part);
// What a mail becomes that is such a report, an event for each outcome: receipts, or withdrawals of consent, about the
// original and in its conversation. Reads the mail's attachments. Empty: it is none, or tells nothing usable.
std::vector<contact> told_by(const contact& mail);

}  // namespace switchboard::connectors::mail
