#pragma once

#include <sportello/base/time.hpp>
#include <sportello/domain/approval.hpp>
#include <sportello/domain/assignment.hpp>
#include <sportello/domain/call_budget.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/domain/outage_radar.hpp>
#include <sportello/domain/personal_data.hpp>
#include <sportello/domain/rota.hpp>
#include <sportello/domain/threading.hpp>
#include <sportello/domain/triage.hpp>
#include <sportello/engine/brand_calendar.hpp>

#include <sportello/domain/targets.hpp>
#include <chrono>
#include <filesystem>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

/// What customers are told by itself while the office is closed, by language ("it"). In the texts {opening} stands for the
/// next opening in words, {promise} for the time by which they get an answer.
struct AcknowledgementSettings {
    using Texts = std::map<std::string, std::string, std::less<>>;
    Texts texts;          ///< none: nothing is said
    Texts promise_texts;  ///< said instead when a promise may be told; none: `texts` always
    bool promise = false; ///< tell promises, once they have shown that they are kept; else they stay in shadow
};

/// Whether and how customers are asked how satisfied they are, once in private after their ticket was solved.
struct RatingSettings {
    bool ask = false;
    base::Duration ask_after = std::chrono::minutes(30); ///< the ticket was solved
    base::Duration answer_within = std::chrono::hours(48);
    std::string text; ///< the question; empty: the usual one in the brand's language
};

/// A brand as the configuration has it.
struct BrandSettings {
    std::string id;        ///< "tim"
    std::string name;      ///< "TIM"
    std::string signature; ///< appended by the dashboard's canned texts; may be empty
    std::string language = "it";
    BrandCalendar calendar;                                ///< never null
    base::Duration first_response = std::chrono::hours(1); ///< targets in office time; see domain/targets.hpp
    base::Duration next_response = std::chrono::hours(2);
    base::Duration resolution = std::chrono::hours(8);
    double warn_at = 0.75;
    std::vector<domain::TargetOverride> target_overrides; ///< by channel and priority
    AcknowledgementSettings acknowledgement;
    domain::ThreadingPolicy threading;
    RatingSettings rating;
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
    domain::AssignmentPolicy policy = domain::AssignmentPolicy::balanced;
    bool only_in_office_hours = true;
    bool sticky = true;                                     ///< who answered a customer last is preferred
    base::Duration usual_handling = domain::usual_handling; ///< of a ticket without a label below
    std::vector<domain::LabelHandling> handling;
    /// So long after an opening nobody is given more than an even share: others are still on their way.
    base::Duration opening_grace = std::chrono::minutes(10);
    /// Without a sign of life for so long somebody counts as gone; zero: that is not watched.
    base::Duration absent_after{};
    /// Who is not available for longer loses the work that waits.
    base::Duration break_limit = std::chrono::minutes(30);
    /// Who is on shift and not there so long after its beginning is told of.
    base::Duration missing_after = std::chrono::minutes(10);
};

/// People with a task of their own; tickets of a team go to its members only.
struct TeamSettings {
    std::string id; ///< "phone"
    std::string name;
    /// When its slots are; null: it is no phone desk.
    std::shared_ptr<const domain::Calendar> calendar;
    int slots = 0;                                    ///< calls in half an hour at most
    int slots_per_person = 0;                         ///< the same for each member on shift; 0: the staffing does not count
    int most_attempts = 3;                            ///< calls that may fail before the customer is written to instead
    base::Duration notice = std::chrono::minutes(15); ///< between a hand-over and its slot at least
    std::string webhook;                              ///< the call centre's address; empty: none
    std::string webhook_secret;                       ///< signs what is sent there
    /// What the customer is written in private, by language, with {slot}, {code} and {brand}; without an entry: ours.
    std::map<std::string, std::string, std::less<>> text_planned;
    std::map<std::string, std::string, std::less<>> text_not_reached;
    std::map<std::string, std::string, std::less<>> text_ask_number;
    [[nodiscard]] bool is_phone_desk() const { return calendar != nullptr; }
};

/// The rota of the configuration; what is written over the API replaces it, person by person.
struct RotaSettings {
    std::string time_zone = "Europe/Rome";
    std::vector<domain::NamedRota> people;
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

/// How answers are written: who may write, who has to ask, how long what was begun is kept.
struct AnsweringSettings {
    bool exclusive = false;          ///< whoever answers a ticket holds it for the others; kept by the API
    domain::ApprovalPolicy approval; ///< which replies a colleague reads first
    base::Duration keep_drafts = std::chrono::hours(24) * 30;
};

/// What units of work leave behind for the engine, which looks at it after each commit.
struct Nudges {
    std::atomic<std::int64_t> outbox_filled_at{0}; ///< when something was last put into the outbox besides, in microseconds
    std::atomic<std::int64_t> alarm_at{
        std::numeric_limits<std::int64_t>::max()}; ///< the earliest alarm that was set since the clockwork looked
};

/// Files that customers send and agents attach.
struct AttachmentSettings {
    std::filesystem::path folder;                   ///< where they are kept, by their digest; empty: none is
    std::size_t most_bytes = std::size_t{25} << 20; ///< of one file
    bool fetch = true;                              ///< customers' files are fetched when their message comes in
    std::vector<std::string> hosts;                 ///< further hosts of platforms that files are fetched from: a simulator's
};

/// How long things are kept; zero: for ever.
struct RetentionSettings {
    base::Duration messages{0};                       ///< texts of tickets closed so long ago
    base::Duration raw = std::chrono::hours(24) * 90; ///< what could not be translated
    base::Duration events{0};
    base::Duration attachments{0};                           ///< files of messages so old
    base::Duration sessions = std::chrono::hours(24) * 30;   ///< sessions and tokens after their end
    base::Duration deliveries = std::chrono::hours(24) * 30; ///< logs of webhooks
};

struct Settings {
    std::vector<BrandSettings> brands;
    std::vector<ChannelSettings> channels;
    AssignmentSettings assignment;
    OutageSettings outages;
    std::vector<TeamSettings> teams;
    RotaSettings rota;
    AnsweringSettings answering;
    std::vector<domain::TriageRule> rules; ///< in their order
    AttachmentSettings attachments;
    RetentionSettings retention;
    domain::PersonalDataFinder personal_data;                       ///< with the company's own on its allow-list
    bool set_noise_aside = true;                                    ///< spam and noise do not wait in the queue
    base::Duration promised_first_response = std::chrono::hours(1); ///< the hour on average that the office promised
    /// Remembers beside the database how far sending had come (storage/lineage.hpp); empty: a restore goes unnoticed.
    std::filesystem::path lineage_file;
    /// One for all copies of these settings.
    std::shared_ptr<Nudges> nudges = std::make_shared<Nudges>();

    /// Null when there is none of that id.
    [[nodiscard]] const BrandSettings* brand(std::string_view id) const;
    [[nodiscard]] const ChannelSettings* channel(std::string_view id) const;
    [[nodiscard]] const TeamSettings* team(std::string_view id) const;
    /// The first of the teams that is one; null: hand-overs have no slots.
    [[nodiscard]] const TeamSettings* phone_desk() const;
};

} // namespace sportello::engine
