#pragma once

#include <sportello/domain/model.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// A text in the form in which what we sent and what the platform shows are equal (reliability 2.7): NFC, CRLF to LF,
/// runs of blanks to one, HTML entities decoded once, leading auto-mentions and variation selectors dropped, trimmed.
[[nodiscard]] std::string normalise_for_match(std::string_view text);

/// What was sent, for finding it again.
struct SentPart {
    std::string_view text;
    std::vector<std::string> parents;      ///< ids it may stand under: the target, its ancestors, the conversation
    std::string_view recipient;            ///< private, in a conversation not known yet: whom it went to; else empty
    Instant window_begin{};                ///< send start - 2 min, platform's clock
    Instant window_end{};                  ///< end of deadline + 10 min
    std::span<const std::string> excluded; ///< own ids known before the send, and ids bound to other replies
};

struct MatchResult {
    enum class Kind { none, match, near_miss, two_matches };
    Kind kind = Kind::none;
    std::string platform_id; ///< match: it; two: the older; near miss: the one to look at
    Instant at{};
};

/// Author, parent, time and text must all hold; `own` are items of our own account only. An item with the right author,
/// parent and time but another text is a near miss.
[[nodiscard]] MatchResult match_sent_part(const SentPart& sent, std::span<const PlatformItem> own);

/// When to read back next: 2, 5, 15, 60 s, 5, 15, 60 min after the deadline, then hourly; nothing after 24 h.
/// @param reads_done  reads tried since the send
[[nodiscard]] std::optional<Instant> next_read_back(Instant deadline, std::int32_t reads_done, Instant now);

/// Whether "it is not there" may be concluded: three complete reads, the last at least 15 minutes after the deadline,
/// one of them with a canary.
[[nodiscard]] bool is_absent(Instant deadline, Instant last_read, std::int32_t complete_reads, bool canary_seen);

/// The state of a reply from its parts: published when all are; failed, unknown, needs_decision when one is (in this
/// order of importance: needs_decision, unknown, failed); sending, reserved, queued, cancelled else.
[[nodiscard]] Delivery state_of_reply(std::span<const ReplyPart> parts);

} // namespace sportello::domain
