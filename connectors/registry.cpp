#include "connectors/registry.hpp"

#include <algorithm>
#include <array>

#include "connectors/chat/meta_instagram/meta_instagram.hpp"
#include "connectors/chat/meta_messenger/meta_messenger.hpp"
#include "connectors/chat/meta_whatsapp/meta_whatsapp.hpp"
#include "connectors/chat/telegram/telegram.hpp"
#include "connectors/chat/wechat/wechat.hpp"
#include "connectors/email/postmark/postmark.hpp"
#include "connectors/generic/amazon_sns/amazon_sns.hpp"
#include "connectors/generic/cloudevents/cloudevents.hpp"
#include "connectors/generic/webhook/webhook.hpp"
#include "connectors/kiosk/kiosk/kiosk.hpp"
#include "connectors/sms/twilio_messaging/twilio_messaging.hpp"
#include "connectors/voice/twilio_voice/twilio_voice.hpp"

namespace switchboard::connectors {

namespace {

struct entry {
  std::string_view name;
  const connector* definition;
};

constexpr std::array list{
    entry{amazon_sns::name, &amazon_sns::definition},
    entry{cloudevents::name, &cloudevents::definition},
    entry{kiosk::name, &kiosk::definition},
    entry{meta_instagram::name, &meta_instagram::definition},
    entry{meta_messenger::name, &meta_messenger::definition},
    entry{meta_whatsapp::name, &meta_whatsapp::definition},
    entry{postmark::name, &postmark::definition},
    entry{telegram::name, &telegram::definition},
    entry{twilio_messaging::name, &twilio_messaging::definition},
    entry{twilio_voice::name, &twilio_voice::definition},
    entry{wechat::name, &wechat::definition},
    entry{webhook::name, &webhook::definition},
};

constexpr bool names_are_unique() {
  for (std::size_t i = 0; i < list.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (list[i].name == list[j].name) return false;
  return true;
}
static_assert(names_are_unique(), "two connectors have one name");

constexpr auto definitions = [] {
  std::array<const connector*, list.size()> out{};
  std::ranges::transform(list, out.begin(), &entry::definition);
  return out;
}();

}  // namespace

std::span<const connector* const> all() noexcept { return definitions; }

const connector* find(std::string_view name) noexcept {
  const auto found = std::ranges::find(list, name, &entry::name);
  return found == list.end() ? nullptr : found->definition;
}

}  // namespace switchboard::connectors
