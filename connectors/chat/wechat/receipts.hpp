// What became of the company's own messages, and what customers chose about them.
#pragma once

#include "connectors/chat/wechat/notice.hpp"

namespace switchboard::connectors::wechat {

std::vector<item> template_receipt(const notice&);       // TEMPLATESENDJOBFINISH
std::vector<item> mass_receipt(const notice&);           // MASSSENDJOBFINISH: a receipt, and a form with its counts
std::vector<item> publish_receipt(const notice&);        // PUBLISHJOBFINISH: the same with its articles
std::vector<item> subscription_choices(const notice&);   // subscribe_msg_popup_event, …_change_event
std::vector<item> subscription_receipts(const notice&);  // subscribe_msg_sent_event

}  // namespace switchboard::connectors::wechat
