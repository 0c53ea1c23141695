#include "broker/journal/scan.hpp"

#include <fmt/format.h>

#include "broker/base/crc32c.hpp"

namespace switchboard::journal {

std::optional<std::string_view> take_unit(std::string_view& units) {
  if (units.size() < format::unit_frame_bytes) return std::nullopt;
  const auto length = byte_reader(units).number<std::uint32_t>();
  const auto body = units.substr(format::unit_frame_bytes, length);
  units.remove_prefix(format::unit_frame_bytes + body.size());
  return body;
}

group_reader::group_reader(const base::file& file, std::uint64_t epoch, std::uint64_t offset, std::size_t chunk_bytes)
    : file_(file), sum_(epoch), offset_(offset), chunk_(chunk_bytes) {}

base::io_result<std::span<const std::byte>> group_reader::window(std::uint64_t offset, std::size_t bytes) {
  if (offset < buffer_at_ || offset + bytes > buffer_at_ + buffered_) {
    buffer_.resize(std::max({buffer_.size(), chunk_, bytes}));
    const auto end = std::min<std::uint64_t>(offset + std::max(chunk_, bytes), std::max(limit_, offset));
    const auto n = file_.read_at(offset, std::span(buffer_).first(static_cast<std::size_t>(end - offset)));
    if (!n) return std::unexpected(n.error());
    buffer_at_ = offset;
    buffered_ = *n;
  }
  const auto from = static_cast<std::size_t>(offset - buffer_at_);
  return std::span<const std::byte>(buffer_).subspan(from, std::min(bytes, buffered_ - from));
}

base::io_result<std::optional<group_view>> group_reader::next(std::uint64_t number, std::uint32_t chain) {
  auto bytes = window(offset_, format::group_header_bytes);
  if (!bytes) return std::unexpected(bytes.error());
  auto header = format::decode_group_header(*bytes, sum_);
  const bool follows =
      header && header->chain == chain && (header->is_gap() ? header->number >= number : header->number == number);
  if (!follows) {
    buffered_ = 0;  // what is not there yet may be there next time
    return std::nullopt;
  }
  if (header->is_gap()) {
    group_view view{.header = *header, .offset = offset_, .units = {}};
    offset_ += header->bytes();
    return view;
  }
  const auto whole = format::group_header_bytes + header->length;
  if (buffered_ < whole || offset_ + whole > buffer_at_ + buffered_) {
    const auto size = file_.size();
    if (!size) return std::unexpected(size.error());
    if (offset_ + whole > *size) return std::nullopt;
  }
  bytes = window(offset_, whole);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() < whole) return std::nullopt;

  const auto units = bytes->subspan(format::group_header_bytes);
  std::uint32_t units_crc = 0, count = 0;
  for (std::size_t at = 0; at < units.size(); ++count) {
    if (units.size() - at < format::unit_frame_bytes) return std::nullopt;
    std::uint32_t frame[2];
    std::memcpy(frame, units.data() + at, sizeof frame);
    at += format::unit_frame_bytes;
    if (frame[0] > units.size() - at || sum_.of(units.subspan(at, frame[0])) != frame[1]) return std::nullopt;
    units_crc = base::crc32c(units_crc, std::as_bytes(std::span(&frame[1], 1)));
    at += frame[0];
  }
  if (units_crc != header->units_crc || count != header->units) return std::nullopt;
  group_view view{.header = *header, .offset = offset_, .units = as_text(units)};
  offset_ += header->bytes();
  return view;
}

namespace {

constexpr std::size_t scan_chunk = 256u << 10;  // stays in the cache between being read and being checked

struct opened {
  std::unique_ptr<base::file> file;
  std::uint64_t number = 0, epoch = 0;
  std::optional<format::segment_header> header;  // of this very use of the file
};

class scanner {
 public:
  scanner(base::file_system& fs, const format::paths& paths, const scan_start& start)
      : fs_(fs), paths_(paths), start_(start) {}

  std::expected<scan_result, std::string> run(
      const std::function<void(const segment_info&, const group_view&)>& on_group) {
    auto names = fs_.list(paths_.segments);
    if (!names) return error(paths_.segments, names.error().message());
    std::vector<std::uint64_t> numbers;
    for (const auto& name : *names)
      if (auto number = format::number_of(name, "", ".segment")) numbers.push_back(*number);

    result_.last_group = start_.group;
    result_.last_unit = start_.unit;
    result_.chain = start_.chain;
    result_.end_offset = format::segment_header_bytes;
    std::size_t i = 0;
    for (; i < numbers.size(); ++i) {
      auto segment = open(numbers[i]);
      if (!segment) return std::unexpected(segment.error());
      if (!continues(*segment)) break;
      if (auto ok = read(*segment, on_group); !ok) return std::unexpected(ok.error());
    }
    for (std::size_t rest = i; rest < numbers.size(); ++rest) result_.blank.push_back(numbers[rest]);
    if (auto ok = judge(); !ok) return std::unexpected(ok.error());
    return std::move(result_);
  }

 private:
  static std::unexpected<std::string> error(const std::string& path, const std::string& reason) {
    return std::unexpected(fmt::format("cannot read {}: {}", path, reason));
  }

  std::expected<opened, std::string> open(std::uint64_t number) {
    const auto path = paths_.segment(number);
    opened segment{.number = number, .epoch = format::epoch_of(start_.salt, number)};
    auto file = fs_.open(path, base::open_mode::read);
    if (!file) return error(path, file.error().message());
    segment.file = std::move(*file);
    std::vector<std::byte> bytes(format::segment_header_bytes);
    auto n = segment.file->read_at(0, bytes);
    if (!n) return error(path, n.error().message());
    bytes.resize(*n);
    auto header = format::decode_segment_header(bytes);
    if (!header && header.error() == format::header_error::too_new)
      return std::unexpected(fmt::format("{} was written in a later format than this program reads (1)", path));
    if (header && header->number == number && header->epoch == segment.epoch) segment.header = *header;
    return segment;
  }

  bool continues(const opened& segment) const {
    if (!segment.header) return false;
    const auto& header = *segment.header;
    if (result_.segments.empty()) {
      if (header.first_group == result_.last_group + 1) return header.chain == result_.chain;
      return start_.snapshot && header.first_group <= result_.last_group;
    }
    return segment.number == result_.segments.back().number + 1 && header.first_group == result_.last_group + 1 &&
           header.chain == result_.chain && header.first_unit == result_.last_unit + 1;
  }

  std::expected<void, std::string> read(const opened& segment,
                                        const std::function<void(const segment_info&, const group_view&)>& on_group) {
    const auto& header = *segment.header;
    if (result_.segments.empty()) {
      result_.last_group = header.first_group - 1;
      result_.last_unit = header.first_unit - 1;
      result_.chain = header.chain;
    }
    result_.segments.push_back(
        {.number = segment.number, .first_group = header.first_group, .first_unit = header.first_unit});
    auto& info = result_.segments.back();
    group_reader reader(*segment.file, segment.epoch, format::segment_header_bytes, scan_chunk);
    while (true) {
      auto group = reader.next(result_.last_group + 1, result_.chain);
      if (!group) return error(paths_.segment(segment.number), group.error().message());
      if (!*group || (*group)->header.first_unit != result_.last_unit + 1) break;
      const auto& at = (*group)->header;
      result_.last_group = info.last_group = at.number;
      result_.last_unit = at.first_unit + at.units - 1;
      if (at.units > 0) info.last_unit = result_.last_unit;
      result_.chain = at.chain_value();
      result_.last_recorded = at.recorded_at;
      result_.bytes_read += at.bytes();
      result_.end_offset = reader.offset();
      on_group(info, **group);
    }
    if (info.last_group == 0) result_.end_offset = format::segment_header_bytes;
    return {};
  }

  // The groups end here. A torn tail, unless later bytes say that what is missing was durable: a group that was written
  // when the missing one had been synced, or a segment that was begun behind it (the one before is synced first).
  std::expected<void, std::string> judge() {
    const auto missing = result_.last_group + 1;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
    if (!result_.segments.empty()) places.emplace_back(result_.segments.back().number, result_.end_offset);
    for (const auto number : result_.blank) places.emplace_back(number, 0);
    if (start_.snapshot && result_.last_group < start_.group) {
      found(places, "it ends before the snapshot, which was made behind it");
    }
    for (const auto& [number, from] : places) {
      auto segment = open(number);
      if (!segment) return std::unexpected(segment.error());
      if (from == 0 && segment->header && segment->header->first_group > missing)
        found(places, fmt::format("{} was begun with group {}", paths_.segment(number), segment->header->first_group));
      if (auto ok = search(*segment, from, missing, places); !ok) return ok;
    }
    if (result_.found) result_.found->next = next_;
    return {};
  }

  std::expected<void, std::string> search(const opened& segment, std::uint64_t from, std::uint64_t missing,
                                          const std::vector<std::pair<std::uint64_t, std::uint64_t>>& places) {
    const format::checksum sum(segment.epoch);
    std::vector<std::byte> chunk(scan_chunk);
    for (std::uint64_t at = from;;) {
      const auto n = segment.file->read_at(at, chunk);
      if (!n) return error(paths_.segment(segment.number), n.error().message());
      for (std::size_t i = 0; i + format::group_header_bytes <= *n; i += format::sector) {
        const auto header = format::decode_group_header(std::span(chunk).subspan(i), sum);
        if (!header || header->number < missing) continue;
        if (header->durable_through >= missing)
          found(places, fmt::format("group {} at {} offset {} was written when it was durable", header->number,
                                    paths_.segment(segment.number), at + i));
        const bool later = header->durable_through >= missing || header->chain == result_.chain;
        if (next_.segment == 0 && later && whole(segment, at + i, *header))
          next_ = {segment.number, at + i, header->number, header->first_unit, header->chain};
      }
      at += *n;
      if (*n < chunk.size()) return {};
    }
  }

  bool whole(const opened& segment, std::uint64_t offset, const format::group_header& header) {
    group_reader reader(*segment.file, segment.epoch, offset, 0);
    const auto group = reader.next(header.number, header.chain);
    return group && *group;
  }

  void found(const std::vector<std::pair<std::uint64_t, std::uint64_t>>& places, std::string proof) {
    if (result_.found) return;
    damage d{.group = result_.last_group + 1,
             .unit = result_.last_unit + 1,
             .chain = result_.chain,
             .proof = std::move(proof)};
    if (!places.empty()) {
      d.segment = places.front().first;
      d.offset = places.front().second;
      d.file = paths_.segment(d.segment);
      d.reason = fmt::format("group {} does not read", d.group);
    } else {
      d.file = paths_.segments;
      d.reason = "segments are missing";
    }
    result_.found = std::move(d);
  }

  base::file_system& fs_;
  const format::paths& paths_;
  scan_start start_;
  scan_result result_;
  damage::place next_;
};

}  // namespace

std::expected<scan_result, std::string> scan(
    base::file_system& fs, const format::paths& paths, const scan_start& start,
    const std::function<void(const segment_info&, const group_view&)>& on_group) {
  return scanner(fs, paths, start).run(on_group);
}

std::string describe(const damage& d, const std::string& directory) {
  return fmt::format(
      "the journal is damaged: {} at offset {}: {}, yet {}. Nothing was changed. Look with "
      "`switchboard journal verify {}`, repair with `switchboard journal repair {}`",
      d.file, d.offset, d.reason, d.proof, directory, directory);
}

}  // namespace switchboard::journal
