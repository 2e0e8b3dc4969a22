#pragma once

#include "errors.hpp"

#include <map>
#include <optional>
#include <string>

namespace sportello::connectors::facebook {

/// What the Pages of one app share: Facebook counts some limits by app and not by Page.
///
/// While the app has calls to spare, nobody waits for anybody. When they run short, the Pages that asked for more than
/// their share of the last hour's calls wait first, so that a flood on one Page does not leave the others unread.
class App {
public:
    /// Tells of one call and of its answer.
    void note(const std::string& page, const Answer& answer, Instant now);
    /// When this Page may read again as far as the app is concerned; not after `now`: at once.
    [[nodiscard]] Instant reads_from(const std::string& page) const;
    /// Facebook refuses every call of the app until `not_before`; ok when it does not.
    [[nodiscard]] ChannelTrouble refusal(Instant now) const;

private:
    struct Calls {
        std::int64_t now = 0;    ///< in the hour that runs
        std::int64_t before = 0; ///< in the hour before
        Instant pause_until{};
    };
    [[nodiscard]] double share_of(const std::string& page) const;

    std::map<std::string, Calls> pages_;
    Instant hour_begun_{};
    ChannelTrouble refusal_;
};

} // namespace sportello::connectors::facebook
