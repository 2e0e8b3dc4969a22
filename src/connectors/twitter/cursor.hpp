#pragma once

#include <sportello/base/time.hpp>

#include <cstdint>
#include <string>

namespace sportello::connectors::twitter {

/// How far one list of X was read. While `pages` > 0 a round is on its way: pages from the newest back to `floor`.
struct FeedMark {
    std::string since;        ///< newest id of the last complete round
    std::string floor;        ///< of this round: read back to this id; empty: to the end
    std::string newest;       ///< newest id on the first page of this round
    std::string token;        ///< the next page of this round
    std::int64_t pages = 0;   ///< read in this round
    base::Instant whole_at{}; ///< when it was last read to its end

    friend bool operator==(const FeedMark&, const FeedMark&) = default;
};

struct Cursor {
    std::uint64_t step = 0;  ///< see Delivered
    std::string self;        ///< the account's id, once it was asked for with this token
    std::string fingerprint; ///< of that token
    FeedMark mentions;
    FeedMark posts;
    FeedMark messages;
    FeedMark search;

    friend bool operator==(const Cursor&, const Cursor&) = default;
};

/// An unreadable cursor is an empty one: everything is read again, and storage knows what it has.
[[nodiscard]] Cursor read_cursor(const std::string& text);
[[nodiscard]] std::string write_cursor(const Cursor& cursor);

} // namespace sportello::connectors::twitter
