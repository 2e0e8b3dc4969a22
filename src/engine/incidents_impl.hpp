#pragma once

#include "approval_units.hpp"
#include "broadcaster.hpp"
#include "facts.hpp"
#include "incident_checks.hpp"
#include "outages.hpp"
#include "own_posts.hpp"
#include "patience.hpp"

#include <sportello/domain/approval.hpp>
#include <sportello/engine/incidents.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/approvals.hpp>

#include <nlohmann/json.hpp>

namespace sportello::engine {

/// What the files of Incidents share: incidents.cpp (their life and members), incident_texts.cpp (status posts and texts to
/// all), selection_texts.cpp (one text to some tickets that somebody chose).
struct Incidents::Impl {
    Impl(boost::asio::any_io_executor executor, storage::Database& given_db, const Settings& given_settings, Connectors& connectors,
         Outbox& given_outbox, base::Clock& given_clock, base::Random& random)
        : db(given_db), settings(given_settings), outbox(given_outbox), clock(given_clock), posts(db, settings, connectors, clock, random),
          broadcaster(db, settings, connectors, clock), signal(clock, std::move(executor))
    {
    }

    storage::Database& db;
    const Settings& settings;
    Outbox& outbox;
    base::Clock& clock;
    OwnPosts posts;
    Broadcaster broadcaster;
    base::Signal signal;
    base::Instant next_tidying{};
    bool stopping = false;

    /// Runs `change` on an incident that the actor may see, stores it, and tells of it.
    template <class Change>
    boost::asio::awaitable<Result<domain::Incident>> update(domain::IncidentId id, Command command, std::string_view event, Change change)
    {
        const base::Instant now = clock.now();
        auto unit = [&](storage::Transaction& tx) -> Result<domain::Incident> {
            auto incident = visible_incident(tx, id, command.actor);
            if (!incident) return incident;
            const auto made = made_before(tx, command);
            if (!made) return made.error();
            if (*made) return incident;
            if (const Result<void> changed = change(tx, *incident, now); !changed) return changed.error();
            if (const auto kept = remember_made(tx, command, id.value, now); !kept) return kept.error();
            incident->updated_at = now;
            storage::save_incident(tx, *incident);
            tell(tx, event, now, std::nullopt, &command, incident_data(*incident));
            return incident;
        };
        auto updated = co_await db.write(unit);
        signal.notify();
        co_return updated;
    }

    /// Stores the text to all; a colleague reads it first, or it begins at once.
    Result<void> store_broadcast(storage::Transaction& tx, storage::Broadcast& broadcast, const domain::Incident& incident,
                                 const Command& command, base::Instant now)
    {
        const auto author = storage::find_agent(tx, broadcast.agent);
        if (!author) return author.error();
        const std::string why = domain::why_broadcast_approval(settings.answering.approval, *author);
        if (!why.empty()) {
            if (storage::awaiting_broadcast(tx, incident.id)) return in_conflict("a text to all waits for a colleague's approval already");
            broadcast.state = "awaiting_approval";
        }
        const auto made = storage::insert_broadcast(tx, broadcast);
        if (!made) return made.error();
        broadcast.id = *made;
        if (why.empty()) {
            start_broadcast(tx, broadcast, command, now);
            return {};
        }
        // Members of a closed incident do not come back to the queue while its notice waits.
        if (broadcast.kind == "closing") (void)queue_members(tx, broadcast.id, incident.id);
        ask_for_broadcast(tx, broadcast, incident.brands, why, command, now);
        return {};
    }

    void start_broadcast(storage::Transaction& tx, storage::Broadcast& broadcast, const Command& command, base::Instant now)
    {
        const std::int64_t waiting = queue_members(tx, broadcast.id, broadcast.incident);
        tell(tx, "incident.broadcast_started", now, std::nullopt, &command,
             {{"incident", broadcast.incident.value}, {"broadcast", broadcast.id}, {"kind", broadcast.kind}, {"people", waiting}});
    }

    boost::asio::awaitable<Result<std::size_t>> settle_batch();
    boost::asio::awaitable<Result<void>> settle_all();
    boost::asio::awaitable<Result<void>> tidy();
    boost::asio::awaitable<base::Instant> round();
};

} // namespace sportello::engine
