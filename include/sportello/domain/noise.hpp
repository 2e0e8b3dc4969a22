#pragma once

#include <sportello/domain/model.hpp>

#include <string>
#include <string_view>

namespace sportello::domain {

/// Why a message does not wait in the queue; `aside` is as in Ticket.
struct NoiseVerdict {
    std::string_view aside; ///< "spam", "noise"; empty: somebody may be waiting for an answer
    std::string_view why;   ///< in words
};

/// Whether a public message asks nobody anything: a retweet, mentions, tags and emoji alone, an advertiser's link. Only what
/// is beyond doubt: a question taken for noise costs a customer, a noise taken for a question costs a glance. A question
/// mark, a picture, a word of trouble and everything private always wait for an answer.
/// @param message        its text, visibility and platform count
/// @param has_attachment a picture may be the question
[[nodiscard]] NoiseVerdict judge_noise(const Message& message, bool has_attachment);

} // namespace sportello::domain
