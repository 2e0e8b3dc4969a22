#pragma once

#include <sportello/base/time.hpp>
#include <sportello/domain/call_budget.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/domain/outage_radar.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sportello::domain {
class Calendar;
}

namespace sportello::engine {

/// A brand as the configuration has it.
struct BrandSettings {
    std::string id;        ///< "tim"
    std::string name;      ///< "TIM"
    std::string signature; ///< appended by the dashboard's canned texts; may be empty
    std::string language = "it";
    std::shared_ptr<const domain::Calendar> calendar;      ///< never null
    base::Duration first_response = std::chrono::hours(1); ///< target in office time
};

/// A channel as the engine sees it; how to reach its platform is the connector's business.
struct ChannelSettings {
    std::string id; ///< "tim-facebook"
    std::string brand;
    domain::Platform platform = domain::Platform::facebook;
    std::string account;                                 ///< Page id, or handle without '@'
    base::Duration poll_open = std::chrono::seconds(20); ///< between two polls while the office is open
    base::Duration poll_closed = std::chrono::minutes(5);
    base::Duration recheck = std::chrono::minutes(1); ///< between two looks for edits and deletions
    std::size_t public_limit = 280;                   ///< X: weighted length of a post this account may write
    std::optional<base::Instant> start_at;            ///< items written before are context only; nothing: the moment of the first reading
    domain::MoneyCaps money;                          ///< what its platform may cost
    bool publish = true;                              ///< false: everything except sending; accepted replies wait
    domain::ReplyRule reply_rule = domain::ReplyRule::mentioned; ///< X: which posts our app may answer
    bool human_agent = false;                                    ///< Facebook: the Human Agent feature is granted
    /// Where a customer writes to us in private: what an invitation links to. Empty: see private_link_of.
    std::string private_link;
    /// A reply that was surely looked for and not seen is sent again once by itself; never a private one, never after the
    /// platform called it a duplicate.
    bool resend_unseen = false;
};

/// The channel's private_link, or the platform's own address for messages to the account.
[[nodiscard]] std::string private_link_of(const ChannelSettings& channel);

struct AssignmentSettings {
    bool automatic = true; ///< false: policy "manual"
    bool only_in_office_hours = true;
};

/// The outage radar, and how fast a text to all leaves.
struct OutageSettings {
    bool radar = true; ///< false: incidents are opened by hand only
    domain::RadarOptions options;
    base::Duration quiet_after_dismissal = std::chrono::hours(4); ///< so long the same is not proposed again
    /// Between two messages of a text to all on one channel.
    base::Duration pace_facebook = std::chrono::seconds(2);
    base::Duration pace_twitter = std::chrono::seconds(18); ///< half of the 100 posts that X allows in 15 minutes
    base::Duration pace_twitter_private = std::chrono::seconds(120);
    std::shared_ptr<const domain::OutageReader> reader; ///< null: the usual words and the places of Italy

    [[nodiscard]] const domain::OutageReader& words() const;
    [[nodiscard]] base::Duration pace(domain::Platform platform, domain::Visibility visibility) const;
};

struct Settings {
    std::vector<BrandSettings> brands;
    std::vector<ChannelSettings> channels;
    AssignmentSettings assignment;
    OutageSettings outages;
    base::Duration promised_first_response = std::chrono::hours(1); ///< the hour on average that the office promised
    /// Remembers beside the database how far sending had come (storage/lineage.hpp); empty: a restore goes unnoticed.
    std::filesystem::path lineage_file;

    /// Null when there is none of that id.
    [[nodiscard]] const BrandSettings* brand(std::string_view id) const;
    [[nodiscard]] const ChannelSettings* channel(std::string_view id) const;
};

} // namespace sportello::engine
