#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/base/random.hpp>
#include <sportello/domain/broadcast.hpp>
#include <sportello/domain/incident.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/outbox.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/broadcasts.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

/// An incident as a person opens it, also before the first complaint.
struct IncidentDraft {
    std::string service;             ///< one of the words' services; empty: any
    std::vector<std::string> places; ///< keys or names; empty: everywhere
    std::vector<std::string> brands; ///< empty: all that the person may see
    std::string text;
    std::optional<base::Instant> began_at; ///< nothing: now
    std::optional<base::Instant> expected_end;
};

/// What is not set stays.
struct IncidentChange {
    std::optional<std::string> service;
    std::optional<std::vector<std::string>> places;
    std::optional<std::vector<std::string>> brands;
    std::optional<std::string> text;
    std::optional<base::Instant> began_at;
    std::optional<std::optional<base::Instant>> expected_end;
};

/// What is known before "send to all" is pressed.
struct BroadcastPreview {
    struct Channel {
        std::string channel;
        std::string brand;
        std::int64_t eligible = 0;
        base::Duration takes{};                        ///< at this channel's pace
        std::optional<std::int64_t> micro_dollars = 0; ///< nothing: not known to us
        std::optional<std::int64_t> micro_dollars_with_url = 0;
    };
    std::int64_t members = 0;
    std::int64_t eligible = 0;
    base::Duration takes{}; ///< channels send side by side
    std::vector<Channel> channels;
    std::vector<std::pair<std::string, std::int64_t>> not_eligible; ///< why, and how many, the most frequent first
};

/// Outages behind many tickets: proposed, confirmed, told of to all, closed.
/// Errors: not_found (no such incident, or none of the actor's brands), conflict (its state does not allow it; the revision
/// differs), invalid_input.
class Incidents {
public:
    Incidents(boost::asio::any_io_executor executor, storage::Database& db, const Settings& settings, Connectors& connectors,
              Outbox& outbox, base::Clock& clock, base::Random& random);
    ~Incidents();

    /// @param confirmed  false: it is proposed only
    boost::asio::awaitable<Result<domain::Incident>> open(IncidentDraft draft, bool confirmed, Command command);
    boost::asio::awaitable<Result<domain::Incident>> change(domain::IncidentId id, IncidentChange change, Command command,
                                                            std::optional<std::int32_t> if_revision = std::nullopt);
    /// Its members leave the individual queue, but for those who ask something else too.
    boost::asio::awaitable<Result<domain::Incident>> confirm(domain::IncidentId id, Command command);
    /// There is none: its members are ordinary work again, and the same is not proposed for a while.
    boost::asio::awaitable<Result<domain::Incident>> dismiss(domain::IncidentId id, std::string why, Command command);
    /// It is over. With a text, members are told; who is not told and has no answer comes back to the queue.
    /// @param status_text  what the status posts say now; empty: they stay as they are
    boost::asio::awaitable<Result<domain::Incident>> close(domain::IncidentId id, domain::BroadcastTexts texts, std::string status_text,
                                                           Command command);
    boost::asio::awaitable<Result<domain::Incident>> add_member(domain::IncidentId id, domain::TicketId ticket, Command command);
    boost::asio::awaitable<Result<domain::Incident>> remove_member(domain::IncidentId id, domain::TicketId ticket, Command command);

    /// One post a channel of the incident's brands; where there is one it is brought up to date: edited on Facebook, carried
    /// on under it on X.
    /// @param channels  empty: all of the brands
    boost::asio::awaitable<Result<domain::Incident>> post_status(domain::IncidentId id, domain::BroadcastTexts texts,
                                                                 std::vector<std::string> channels, Command command);
    /// About a status post whose outcome could not be found out.
    boost::asio::awaitable<Result<domain::Incident>> decide_status(domain::IncidentId id, std::int64_t post, Decision decision,
                                                                   Command command);

    boost::asio::awaitable<Result<BroadcastPreview>> preview(domain::IncidentId id, Actor actor);
    /// Queues the text for all members, the most urgent and oldest first; each is a reply of the actor.
    boost::asio::awaitable<Result<storage::Broadcast>> broadcast(domain::IncidentId id, domain::BroadcastTexts texts, Command command);
    /// Nobody further gets it; what is in the outbox already leaves.
    boost::asio::awaitable<Result<domain::Incident>> stop_broadcast(domain::IncidentId id, Command command);

    /// The same for a selection of tickets without an incident: their text knows {name}, {reference} and {brand}.
    /// invalid_input names a ticket that the actor may not see.
    boost::asio::awaitable<Result<BroadcastPreview>> preview_selection(std::vector<domain::TicketId> tickets, Actor actor);
    boost::asio::awaitable<Result<storage::Broadcast>> send_to_selection(std::vector<domain::TicketId> tickets,
                                                                         domain::BroadcastTexts texts, Command command);
    boost::asio::awaitable<Result<storage::Broadcast>> stop_selection(std::int64_t broadcast, Command command);

    /// Sends, settles and cleans up until stop().
    boost::asio::awaitable<void> run();
    void stop();
    /// A text to all may leave, or has ended.
    void wake();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

/// The texts of a broadcast as JSON, and back.
[[nodiscard]] std::string to_json(const domain::BroadcastTexts& texts);
[[nodiscard]] domain::BroadcastTexts texts_from_json(std::string_view json);

} // namespace sportello::engine
