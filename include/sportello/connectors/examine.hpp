#pragma once

#include <sportello/connectors/factory.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sportello::connectors {

/// One thing that a look at a channel found, in words.
struct Finding {
    enum class Weight { good, note, warning, problem };
    Weight weight = Weight::note;
    std::string topic; ///< "account", "token", "permissions", "reading", "webhooks", "reply rule", "quota", "price"
    std::string text;
};
[[nodiscard]] std::string_view to_string(Finding::Weight weight);

/// Looks at a channel as an operator would before going live: whose token it is, what it may, until when, one page read,
/// the quota that is left, how answers are allowed and what they cost. Only reads: whatever would write is not sent.
[[nodiscard]] boost::asio::awaitable<std::vector<Finding>> examine(ChannelSettings settings, http::Transport& transport, base::Clock& clock,
                                                                   base::Random& random);

} // namespace sportello::connectors
