#include "facts.hpp"
#include "outbox_impl.hpp"
#include "settle.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

// What a crash, a broken task or a restore left behind, and what has been uncertain for too long.
namespace sportello::engine {
namespace asio = boost::asio;
using base::Instant;
using domain::Delivery;
using storage::Lineage;
using storage::OutboxPart;
using storage::Transaction;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t pages_a_round = 100;

/// The database is another than the one this server last knew: a backup was restored, or the file exchanged. What was
/// sent in the time that is lost is out although the database does not know it (reliability 2.11).
void quarantine(Transaction& tx, const Settings& settings, Instant now)
{
    const auto count = storage::quarantine_unfinished(tx);
    Settler settler{tx, settings, now};
    for (const Delivery state : {Delivery::unknown, Delivery::needs_decision}) {
        for (OutboxPart& part : storage::parts_in_state(tx, state)) settler.doubtful(part);
    }
    tell(tx, "outbox.quarantined", now, std::nullopt, nullptr, {{"parts", count}});
    spdlog::warn("outbox: the database is not the one last seen (restored, or a standby promoted?): {} unfinished messages are read back "
                 "before they are sent",
                 count);
}

/// @param remembered  by the file beside the database
/// @return the database's present life.
Lineage begin_life(Transaction& tx, const Settings& settings, const std::optional<Lineage>& remembered, const std::string& fresh_token,
                   Instant now)
{
    Lineage present = storage::load_lineage(tx);
    const bool same = remembered && !present.token.empty() && remembered->token == present.token;
    if (same && remembered->last_attempt <= present.last_attempt) return present;
    const bool first_life = present == Lineage{} && !remembered;
    storage::begin_lineage(tx, fresh_token, first_life ? std::nullopt : std::optional(now));
    if (!first_life) quarantine(tx, settings, now);
    present.token = fresh_token;
    return present;
}

/// A server keeps its life in the database itself: the nodes have no file in common. Another one is a standby that was
/// promoted or a backup that was restored, and either may have forgotten what was sent last. `life` is the present one then.
Lineage begin_life_on_server(Transaction& tx, const Settings& settings, std::string& life, Instant now)
{
    Lineage present = storage::load_lineage(tx);
    if (present.token == life) return present;
    const bool first_life = present == Lineage{};
    life = storage::begin_life_of_server(tx, first_life ? std::nullopt : std::optional(now));
    if (!first_life) quarantine(tx, settings, now);
    present.token = life;
    return present;
}

} // namespace

/// After a start, and when tasks broke off: what was being sent has an unknown outcome, what was only reserved was never
/// sent (reliability 2.10).
void Outbox::Impl::settle_orphans(Transaction& tx, Instant now) const
{
    Settler settler{tx, settings, now};
    const char* const stopped = running && !orphans ? "the server stopped while it was being sent; the platform is being read back"
                                                    : "the sending broke off; the platform is being read back";
    for (OutboxPart& part : storage::parts_in_state(tx, Delivery::sending)) {
        if (under_way.contains(part.part.id.value)) continue;
        if (const auto attempt = storage::last_attempt(tx, part.part.id); attempt && !attempt->ended_at) {
            storage::finish_attempt(tx, attempt->id, now, attempt_unknown, stopped);
        }
        settler.unknown(part, stopped, after_another ? std::max(now, part.part.deadline_at) : now);
    }
    for (OutboxPart& part : storage::parts_in_state(tx, Delivery::reserved)) {
        if (!under_way.contains(part.part.id.value)) settler.requeued(part, "", now);
    }
}

asio::awaitable<bool> Outbox::Impl::begin()
{
    const Instant now = clock.now();
    const bool watched = !settings.lineage_file.empty();
    const auto remembered = watched ? storage::read_lineage(settings.lineage_file) : std::nullopt;
    const std::string fresh_token = random.token(16);
    std::string life;
    auto unit = [&](Transaction& tx) -> Result<Lineage> {
        settle_orphans(tx, now);
        life = storage::server_life(tx);
        if (!life.empty()) return begin_life_on_server(tx, settings, life, now);
        return watched ? begin_life(tx, settings, remembered, fresh_token, now) : Lineage{};
    };
    const auto begun = co_await db.write(unit);
    if (!begun) {
        spdlog::error("outbox: recover after start: {}; trying again", begun.error().what());
        co_return false;
    }
    server_life = life;
    server_changed = false;
    lineage_token = watched ? begun->token : std::string();
    if (watched) remember({begun->last_attempt});
    co_return true;
}

bool Outbox::Impl::on_the_same_server(Transaction& tx) const
{
    if (server_life.empty()) return true;
    const std::string present = storage::server_life(tx);
    return present.empty() || present == server_life;
}

asio::awaitable<bool> Outbox::Impl::settle_orphans()
{
    const Instant now = clock.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        settle_orphans(tx, now);
        return {};
    };
    const auto settled = co_await db.write(unit);
    if (!settled) spdlog::error("outbox: settle what broke off: {}; trying again", settled.error().what());
    co_return settled.has_value();
}

/// Beside the database, since the database itself may be restored. Not synced: a file that is a little behind is only less
/// sharp.
void Outbox::Impl::remember(domain::AttemptId attempt) const
{
    if (lineage_token.empty()) return;
    if (!storage::write_lineage(settings.lineage_file, {lineage_token, attempt.value})) {
        spdlog::warn("outbox: {} cannot be written: a restore of the database would not be noticed", settings.lineage_file.string());
    }
}

asio::awaitable<void> Outbox::Impl::page_supervisors()
{
    const Instant now = clock.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        for (OutboxPart& part : storage::parts_to_page(tx, now - page_after, pages_a_round)) {
            part.part.paged_at = now;
            if (const auto saved = storage::save_part(tx, part.part); !saved) return saved.error();
            tell(tx, "reply.unresolved", now, part.reply.ticket, nullptr,
                 {{"reply", part.reply.id.value},
                  {"part", part.part.number},
                  {"channel", part.reply.channel},
                  {"since", base::to_rfc3339(part.part.uncertain_since.value_or(now))},
                  {"delivery",
                   {{"state", to_string(part.reply.state)}, {"platform_id", part.reply.platform_id}, {"reason", part.part.reason}}}});
            spdlog::warn("outbox: nobody knows for 10 minutes whether reply {} is out: {}", part.reply.id.value, part.part.reason);
        }
        return {};
    };
    const auto told = co_await db.write(unit);
    if (!told) spdlog::error("outbox: tell supervisors: {}", told.error().what());
}

} // namespace sportello::engine
