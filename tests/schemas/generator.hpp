// Random events that keep the rules of the event page: what the codec makes of them must validate.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <typeindex>

#include "schemas/codec.hpp"
#include "schemas/records.hpp"

namespace switchboard::schemas {

// Equal seeds give equal events. Not thread-safe.
class generator {
 public:
  // presence: how likely what is optional is there, 0 to 1.
  generator(std::uint64_t seed, double presence) : random_(seed), presence_(presence) {}

  void set_presence(double presence) { presence_ = presence; }
  event make(event_type);
  quarantine_record make_quarantine();
  raw_record make_raw();
  heartbeat_record make_heartbeat();
  uuid id();

  // How many enumerators of E have been used.
  template <wire_enum E>
  std::size_t used() const {
    const auto found = used_.find(typeid(E));
    return found == used_.end() ? 0 : found->second.size();
  }

 private:
  // Any value, but none twice before all were used.
  template <wire_enum E>
  E any() {
    constexpr std::size_t count = wire_names<E>().size();
    auto& used = used_[typeid(E)];
    std::size_t index = below(count);
    if (used.size() < count)
      while (used.contains(index)) index = (index + 1) % count;
    used.insert(index);
    return static_cast<E>(index);
  }
  template <class Fill>
  void maybe(Fill&& fill) {
    if (std::bernoulli_distribution(presence_)(random_)) fill();
  }
  template <class T, class Fill>
  void maybe(std::optional<T>& value, Fill&& fill) {
    maybe([&] {
      T filled{};
      fill(filled);
      value = std::move(filled);
    });
  }
  template <class T, class Fill>
  void some(std::vector<T>& values, Fill&& fill) {
    maybe([&] {
      for (std::size_t n = 1 + below(3); n > 0; --n) fill(values.emplace_back());
    });
  }
  void some_texts(std::vector<std::string>& values);

  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  bool coin() { return below(2) == 0; }
  std::string text();  // never empty; every kind of trouble: escapes, control characters, broken UTF-8
  std::string word();  // plain
  std::string of(std::string_view alphabet, std::size_t length);
  std::string uri();
  std::string hash() { return of("abcdefghijklmnopqrstuvwxyz234567", 26); }
  std::string sha256() { return of("0123456789abcdef", 64); }
  std::string blob();
  std::string language();
  timestamp time();
  double real();
  double share() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  std::int64_t count();

  party make_party();
  money make_money();
  scale make_scale();
  field make_field();
  attachment make_attachment();
  referral_info make_referral();
  schemas::message make_message();
  schemas::call make_call();
  schemas::feedback make_feedback();
  schemas::transcript make_transcript();
  void fill_common(event&);
  void fill_blocks(event&);
  void fill(original&);

  std::mt19937_64 random_;
  double presence_;
  std::size_t identities_ = 0;
  std::map<std::type_index, std::set<std::size_t>> used_;
};

}  // namespace switchboard::schemas
