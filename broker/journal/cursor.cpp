#include "broker/journal/cursor.hpp"

#include <fmt/format.h>

namespace switchboard::journal {
namespace {

constexpr std::size_t read_chunk = 256u << 10;

class segment_cursor final : public cursor {
 public:
  segment_cursor(base::file_system& fs, const format::paths& paths, std::uint64_t salt,
                 std::shared_ptr<readable> shared, std::uint64_t after)
      : fs_(fs), paths_(paths), salt_(salt), shared_(std::move(shared)), after_(after), position_(after) {}

  std::uint64_t position() const override { return position_; }

  std::expected<const stored_unit*, std::string> next() override {
    while (true) {
      while (const auto body = take_unit(units_)) {
        const auto number = unit_++;
        if (number <= after_) continue;
        if (!format::decode_unit(*body, decoded_) || decoded_.stored.number != number)
          return std::unexpected(fmt::format("unit {} in {} is malformed", number, paths_.segment(segment_.number)));
        position_ = number;
        return &decoded_.stored;
      }
      if (!more()) return nullptr;
      if (auto ok = next_group(); !ok) return std::unexpected(ok.error());
    }
  }

 private:
  // Asking again after saying so closes the gap in which the writer saw no wish to be woken.
  bool more() {
    if (shared_->group.load() > group_) return true;
    shared_->wake_wanted.store(true);
    return shared_->group.load() > group_;
  }

  std::expected<void, std::string> next_group() {
    if (auto ok = find_segment(); !ok) return ok;
    while (group_ < shared_->group.load()) {
      auto group = reader_->next(group_ + 1, chain_);
      if (!group || !*group)
        return std::unexpected(
            fmt::format("{} at offset {}: group {} {}. Stop the broker and look with `switchboard journal verify {}`",
                        paths_.segment(segment_.number), reader_->offset(), group_ + 1,
                        group ? std::string("does not read") : group.error().message(), paths_.root));
      const auto& header = (*group)->header;
      group_ = header.number;
      chain_ = header.chain_value();
      if (header.is_gap() || header.first_unit + header.units - 1 <= after_) {
        if (auto ok = find_segment(); !ok) return ok;
        continue;
      }
      unit_ = header.first_unit;
      units_ = (*group)->units;
      return {};
    }
    return {};
  }

  std::expected<void, std::string> find_segment() {
    readable::segment wanted;
    std::uint64_t limit = 0;
    {
      const std::lock_guard lock(shared_->mutex);
      const auto& segments = shared_->segments;
      if (after_ > shared_->unit.load())
        return std::unexpected(
            fmt::format("unit {} was asked for, but the journal {} ends at {}: another journal's checkpoint?", after_,
                        paths_.root, shared_->unit.load()));
      auto found = reader_ ? std::ranges::upper_bound(segments, group_ + 1, {}, &readable::segment::first_group)
                           : std::ranges::upper_bound(segments, after_ + 1, {}, &readable::segment::first_unit);
      if (found != segments.begin()) --found;
      wanted = *found;
      limit = wanted.number == segments.back().number ? shared_->end_offset : UINT64_MAX;
    }
    if (!reader_ || wanted.number != segment_.number) {
      if (auto ok = open(wanted); !ok) return ok;
    }
    reader_->set_limit(limit);
    return {};
  }

  std::expected<void, std::string> open(const readable::segment& wanted) {
    const auto path = paths_.segment(wanted.number);
    const auto cannot = [&](const std::string& reason) {
      return std::unexpected(fmt::format("cannot read {}: {}", path, reason));
    };
    auto file = fs_.open(path, base::open_mode::read);
    if (!file) return cannot(file.error().message());
    std::array<std::byte, format::segment_header_bytes> bytes{};
    const auto n = (*file)->read_at(0, bytes);
    if (!n) return cannot(n.error().message());
    const auto header = format::decode_segment_header(std::span(bytes).first(*n));
    const auto epoch = format::epoch_of(salt_, wanted.number);
    if (!header || header->epoch != epoch || header->first_group != wanted.first_group)
      return cannot("its header does not read");
    segment_ = wanted;
    reader_.reset();
    file_ = std::move(*file);
    reader_ = std::make_unique<group_reader>(*file_, epoch, format::segment_header_bytes, read_chunk);
    group_ = header->first_group - 1;
    chain_ = header->chain;
    return {};
  }

  base::file_system& fs_;
  const format::paths& paths_;
  std::uint64_t salt_;
  std::shared_ptr<readable> shared_;
  std::uint64_t after_, position_;

  std::unique_ptr<base::file> file_;
  std::unique_ptr<group_reader> reader_;
  readable::segment segment_;
  std::uint64_t group_ = 0, unit_ = 0;  // last group read; next unit in it
  std::uint32_t chain_ = 0;
  std::string_view units_;
  format::decoded_unit decoded_;
};

}  // namespace

std::unique_ptr<cursor> make_cursor(base::file_system& fs, const format::paths& paths, std::uint64_t salt,
                                    std::shared_ptr<readable> shared, std::uint64_t after) {
  return std::make_unique<segment_cursor>(fs, paths, salt, std::move(shared), after);
}

}  // namespace switchboard::journal
