// The bytes of a journal on disk, as docs/journal-format.md describes them. Pure functions over memory, any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/file_system.hpp"
#include "broker/journal/bytes.hpp"
#include "broker/journal/journal.hpp"

namespace switchboard::journal::format {

inline constexpr std::uint32_t version = 1;           // what is written
inline constexpr std::uint32_t snapshot_version = 2;  // of snapshots; 2: scopes say when they were used last
inline constexpr std::uint32_t oldest_version = 1;    // what is still read: this version and the one before it
inline constexpr std::size_t sector = 512;            // groups begin at multiples of it
inline constexpr std::size_t segment_header_bytes = sector;
inline constexpr std::size_t group_header_bytes = 64;
inline constexpr std::size_t unit_frame_bytes = 8;
inline constexpr std::size_t group_bytes_wanted = 4u << 20;  // a group takes no further unit past this

constexpr std::uint64_t round_up(std::uint64_t bytes) { return (bytes + sector - 1) / sector * sector; }

// --- identity ---
struct identity {
  uuid id;
  std::uint64_t salt = 0;                // epochs are made over it; never leaves the machine
  acknowledge mode = acknowledge::disk;  // of the last run
  bool clean = true;                     // the last run synced everything that Kafka may have
  std::string boot_id;                   // of the machine during the last run
};
std::string encode(const identity&);
std::expected<identity, std::string> decode_identity(std::string_view);

// --- segments ---
struct segment_header {
  uuid id;                   // the journal's when the segment was begun
  std::uint64_t number = 0;  // of the segment
  std::uint64_t epoch = 0;   // enters every checksum of the segment: what a recycled file held before fails them
  std::uint64_t first_group = 0, first_unit = 0;
  std::uint32_t chain = 0;  // checksum of the header of the group before first_group, 0 for the very first
};
constexpr std::uint64_t epoch_of(std::uint64_t salt, std::uint64_t segment_number) { return salt + segment_number; }
std::string encode(const segment_header&);  // segment_header_bytes long
// `unreadable`: not a header at all (blank, torn or damaged). `too_new`: written by a later version.
enum class header_error : std::uint8_t { unreadable, too_new };
std::expected<segment_header, header_error> decode_segment_header(std::span<const std::byte>);

// --- groups ---
struct group_header {
  std::uint64_t number = 0, first_unit = 0;
  std::uint32_t units = 0, length = 0;  // length: of the units with their frames, without header and padding
  std::int64_t recorded_at = 0;         // ms since 1970
  std::uint64_t durable_through = 0;    // number of the last group known to be synced when this one was written
  std::uint32_t chain = 0;              // checksum of the header of the group before
  std::uint32_t units_crc = 0;          // over the checksums of the units
  std::uint32_t flags =
      0;  // gap: repair lost `units` units here; `length` bytes are dead, `number` is the last lost group
  std::uint32_t next_chain = 0;  // gap: the chain of the group that follows
  std::uint32_t crc = 0;         // of this header
  bool is_gap() const { return (flags & 1) != 0; }
  std::uint32_t chain_value() const { return is_gap() ? next_chain : crc; }  // what the next group's chain must be
  std::uint64_t bytes() const { return round_up(group_header_bytes + std::uint64_t{length}); }
};

// Checksums of one segment: seeded with its epoch.
class checksum {
 public:
  explicit checksum(std::uint64_t epoch);
  std::uint32_t of(std::span<const std::byte>) const;

 private:
  std::uint32_t seed_;
};

// Completes a group in `buffer`: group_header_bytes of room, then units framed by begin_unit and end_unit. Sets
// header.length, units_crc and crc, fills in the frames' checksums and pads to a sector.
void finish_group(std::string& buffer, group_header&, const checksum&);
std::string encode_gap(group_header&, const checksum&);  // the header alone
std::size_t begin_unit(std::string& buffer);             // the place of the frame
void end_unit(std::string& buffer, std::size_t frame);   // writes its length

std::optional<group_header> decode_group_header(std::span<const std::byte>, const checksum&);

// --- units ---
struct unit_message {
  uuid id;
  std::uint64_t fingerprint = 0;
  bool deduped = false, conflict = false, counted = false;
  std::optional<std::pair<std::string_view, std::uint64_t>> sequence;
};
struct unit_put {
  std::string_view space, key, value;
};
// A unit with everything that is in it; views into the bytes it was decoded from. Reused: decoding keeps the capacity.
struct decoded_unit {
  stored_unit stored;
  std::uint32_t items_decoded = 0, duplicates = 0;
  std::vector<unit_message> messages;  // beside stored.messages
  std::vector<unit_put> puts;
};
bool decode_unit(std::string_view body, decoded_unit&);

// The parts of a unit in order, for the writer.
void write_unit_head(byte_writer&, std::uint64_t number, timestamp recorded_at, const unit&, std::uint32_t duplicates,
                     std::size_t messages);
struct message_places {
  bool conflict = false, counted = false;
  std::span<const std::pair<std::string_view, std::uint64_t>> topics;  // with their sbseq
};
void write_message(byte_writer&, const message&, const message_places&);
void write_unit_tail(byte_writer&, const unit&);

// --- names ---
std::string numbered(std::string_view prefix, std::uint64_t number, std::string_view suffix);  // 20 digits
std::optional<std::uint64_t> number_of(std::string_view name, std::string_view prefix, std::string_view suffix);

struct paths {
  explicit paths(const std::string& directory)
      : root(directory),
        segments(directory + "/segments"),
        snapshots(directory + "/snapshots"),
        dedupe(directory + "/dedupe"),
        identity(directory + "/identity"),
        lock(directory + "/lock") {}
  std::string root, segments, snapshots, dedupe, identity, lock;
  std::string segment(std::uint64_t number) const { return segments + "/" + numbered("", number, ".segment"); }
  std::string snapshot(std::uint64_t number) const { return snapshots + "/" + numbered("", number, ".snapshot"); }
};

}  // namespace switchboard::journal::format
